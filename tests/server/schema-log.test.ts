import { run } from "./on-machine";

const errors = (log: string) =>
  run("bash", ["-c", ". server/lib/core.sh; . server/kinds/schema/log.sh; schema_errors"], log)
    .out.trimEnd()
    .split("\n");

const begun = (name: string) => `>> Applying update "${name}" '1234567'...\n`;
const failed = (name: string, database: string) =>
  `Applying of file '/r/sql/updates/${name}' to database '${database}' failed! If you are a user, please pull the latest revision.\n`;

describe("why the updater stopped", () => {
  it("is the file that failed, MariaDB's words and the statement", () => {
    const log = `${begun("a.sql")}${begun("b.sql")}--------------\nALTER TABLE nosuch\n  ADD x int\n--------------\n
ERROR 1146 (42S02) at line 7 in file: '/r/sql/updates/b.sql': Table 'world.nosuch' doesn't exist
${failed("b.sql", "world")}Could not update the World database, see log for details.\n== worldserver -u ended with 1\n`;
    expect(errors(log)).toEqual([
      "b.sql failed in the database world: ERROR 1146 (42S02) at line 7: Table 'world.nosuch' doesn't exist",
      "the statement: ALTER TABLE nosuch   ADD x int",
      "what stands before it, in that file too, has been done",
      "Could not update the World database, see log for details.",
    ]);
  });

  it("names no update that went through", () => {
    const log = `${begun("went-through.sql")}Lost the connection to the MySQL server!\nFailed to reconnect to the MySQL server\n== worldserver -u ended with 139\n`;
    expect(errors(log)).toEqual([
      "Lost the connection to the MySQL server!",
      "Failed to reconnect to the MySQL server",
    ]);
  });

  it("is what the client says before it begins, or the last words when nobody complains", () => {
    expect(
      errors(`${begun("a.sql")}ERROR 2002 (HY000): Can't connect to local server\n${failed("a.sql", "auth")}`),
    ).toEqual([
      "a.sql failed in the database auth: ERROR 2002 (HY000): Can't connect to local server",
      "what stands before it, in that file too, has been done",
    ]);
    expect(errors("Loading\n== worldserver -u ended with 132\n")).toEqual([
      "== worldserver -u ended with 132",
      "Loading",
    ]);
  });

  it("shows of a long statement the beginning, and draws nothing on the terminal", () => {
    const log = `--------------\nINSERT \u001b[2J ${"x".repeat(999)}\n--------------\n\nERROR 1064 (42000) at line 1: near\n${failed("a.sql", "world")}`;
    expect(errors(log)[1]).toBe(`the statement: INSERT ?[2J ${"x".repeat(288)} …`);
  });
});
