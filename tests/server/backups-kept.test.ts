/** Which backups are deleted, and what a dump is found to hold: functions that need no host. */
import { spawnSync } from "node:child_process";

function shell(script: string, stdin: string): string[] {
  const ran = spawnSync("bash", ["--norc", "-uc", `here=server; . server/lib/backups.sh; ${script}`], {
    input: stdin,
    encoding: "utf8",
  });
  expect({ status: ran.status, stderr: ran.stderr }).toEqual({ status: 0, stderr: "" });
  return ran.stdout.split("\n").filter(Boolean);
}

describe("of the backups", () => {
  const at = (day: string, time = "034000") => `${day}T${time}Z`;
  /** One a night, the last on that day. */
  const nights = (count: number, last = "2026-11-26") =>
    Array.from({ length: count }, (_, back) =>
      at(new Date(Date.parse(last) - back * 86_400_000).toISOString().slice(0, 10)),
    );
  const kept = (names: readonly string[], keep: string) => {
    const gone = new Set(shell(`backups_to_delete ${keep}`, names.map((name) => `${name}\n`).join("")));
    return names.filter((name) => !gone.has(name));
  };
  const days = (names: readonly string[]) => names.map((name) => name.slice(0, 10));

  it.each<[what: string, names: readonly string[], keep: string, days: readonly string[]]>([
    ["none", [], "7 4 6", []],
    ["the only one", nights(1), "1 0 0", ["2026-11-26"]],
    ["the last days", nights(5), "3 0 0", ["2026-11-26", "2026-11-25", "2026-11-24"]],
    // The 22nd is a Sunday.
    ["the last of each week", nights(20), "1 3 0", ["2026-11-26", "2026-11-22", "2026-11-15"]],
    ["the last of each month", nights(90), "1 0 3", ["2026-11-26", "2026-10-31", "2026-09-30"]],
    ["days, weeks and months together", nights(60), "2 2 2", ["2026-11-26", "2026-11-25", "2026-11-22", "2026-10-31"]],
    [
      "every one of the last days",
      [at("2026-11-26"), at("2026-11-25", "230000"), at("2026-11-25"), at("2026-11-24")],
      "2 0 0",
      ["2026-11-26", "2026-11-25", "2026-11-25"],
    ],
    [
      "days that have any, after a pause",
      [...nights(1), ...nights(9, "2026-06-10")],
      "3 0 0",
      ["2026-11-26", "2026-06-10", "2026-06-09"],
    ],
    ["a year's end, by its weeks", nights(10, "2027-01-04"), "1 3 0", ["2027-01-04", "2027-01-03", "2026-12-27"]],
    ["the newest, though nothing is to be kept", nights(3), "0 0 0", ["2026-11-26"]],
    ["the one that was tried", nights(5), `1 0 0 ${at("2026-11-23")}`, ["2026-11-26", "2026-11-23"]],
  ])("is kept: %s", (_, names, keep, expected) => {
    expect(days(kept(names, keep))).toEqual(expected);
  });

  it.each<[what: string, nightly: readonly string[], gone: boolean]>([
    ["while no night came after it", nights(9, "2026-11-20"), false],
    ["while the newest night is not a week younger", nights(9, "2026-11-27"), false],
    ["no longer than that", nights(9, "2026-11-28"), true],
  ])("keeps one from before a change: %s", (_, nightly, gone) => {
    const one = at("2026-11-21", "030000");
    const lines = [...nightly, `${one}\tbefore releases/0123456789ab-01234567`].map((line) => `${line}\n`);
    expect(shell("backups_to_delete 1 0 0", lines.join("")).includes(one)).toBe(gone);
    // It takes no night's place, as it may be of one database alone.
    expect(shell("backups_to_delete 9 0 0", lines.join(""))).toEqual(gone ? [one] : []);
  });

  it("keeps one that somebody made by hand as if it were of a night", () => {
    expect(shell("backups_to_delete 1 0 0", `${at("2026-11-26")}\tby hand\n${at("2026-11-25")}\n`)).toEqual([
      at("2026-11-25"),
    ]);
  });

  it("takes them in any order", () => {
    const shuffled = nights(9).sort((a, b) => a.charCodeAt(9) - b.charCodeAt(9));
    expect(kept(shuffled, "2 0 0").sort().reverse()).toEqual(nights(2));
  });
});

describe("of a dump", () => {
  const inventory = (...lines: string[]) => shell("inventory_of", `${lines.join("\n")}\n`);
  const end = "-- Dump completed on 2026-11-26  3:40:00";
  const table = (name: string, ...rows: string[]) => [
    `CREATE TABLE \`${name}\` (`,
    "  `id` int(11) NOT NULL AUTO_INCREMENT",
    ") ENGINE=InnoDB AUTO_INCREMENT=7 DEFAULT CHARSET=utf8mb4;",
    `LOCK TABLES \`${name}\` WRITE;`,
    ...(rows.length ? [`INSERT INTO \`${name}\` VALUES`, ...rows] : []),
  ];
  const of = (kind: string, found: readonly string[]) => found.filter((line) => line.split("\t")[0] === kind);

  it("tables are found with their rows and a sum of them, wherever a statement ends", () => {
    const one = inventory(...table("a", "(1,'x'),", "(2,'(');"), ...table("b"), end);
    const two = inventory(...table("a", "(1,'x');", "INSERT INTO `a` VALUES", "(2,'(');"), ...table("b"), end);
    expect(of("table", one)).toEqual([expect.stringMatching(/^table\ta\t2\t[0-9a-f]{64}$/), "table\tb\t0\t-"]);
    expect(of("table", two)).toEqual(of("table", one));
    expect(of("table", inventory(...table("a", "(1,'y'),", "(2,'(');"), end))).not.toEqual(
      of("table", one).slice(0, 1),
    );
  });

  it("what a routine only writes is no table, no row and no end", () => {
    const body = ["CREATE TABLE `no` (", "INSERT INTO `no` VALUES", "(1),", "DROP PROCEDURE", end];
    const found = inventory(
      ...table("a"),
      "/*!50003 DROP PROCEDURE IF EXISTS `p` */;",
      ...["DELIMITER ;;", "CREATE DEFINER=`root`@`localhost` PROCEDURE `p`()", ...body, ";;", "DELIMITER ;"],
    );
    expect(of("table", found)).toEqual(["table\ta\t0\t-"]);
    expect(found).toContain("procedure\tp");
    expect(found).not.toContain("whole");
    expect(inventory(...table("a"), end)).toContain("whole");
  });

  it("who defined a thing, and a counter, make no difference; the definition does", () => {
    const view = (who: string, what: string) =>
      of(
        "structure",
        inventory(
          ...table("a").map((line) => line.replace("=7", who === "root" ? "=7" : "=9")),
          "/*!50001 CREATE ALGORITHM=UNDEFINED */",
          `/*!50013 DEFINER=\`${who}\`@\`localhost\` SQL SECURITY DEFINER */`,
          `/*!50001 VIEW \`v\` AS select ${what} */;`,
          end,
        ),
      );
    expect(view("root", "1")).toEqual([expect.stringMatching(/^structure\t[0-9a-f]{64}$/)]);
    expect(view("trinity-backup", "1")).toEqual(view("root", "1"));
    expect(view("root", "2")).not.toEqual(view("root", "1"));
  });

  it("rows that were not looked for, as whoever made it might not read them, are told", () => {
    const unread = table("b").filter((line) => !line.startsWith("LOCK"));
    expect(of("unread", inventory(...table("a"), ...unread, end))).toEqual(["unread\tb"]);
  });

  it("rows that are not one a line, as older programs write them, are told", () => {
    expect(inventory(...table("a"), "INSERT INTO `a` VALUES (1),(2);", end)).toContain("foreign");
  });
});
