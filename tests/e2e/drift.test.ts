import { BreakableRealm } from "./breakable-realm";
import { breakages } from "./breakages";
import { pids, preview } from "./preview";
import { describeOnLab, expectOk } from "./realm-lab";

describeOnLab("what was changed on the host by hand", () => {
  const realm = new BreakableRealm("drift");

  realm.repairsEach(breakages.filter(({ quick }) => quick));

  it("is told by `realm drift` as a preview finds it", async () => {
    const { machine, stack } = realm.realm;
    const none = await stack.realm(["drift", ...stack.where]);
    expect([none.code, none.stdout]).toEqual([0, expect.stringMatching(/\nnothing has drifted\n$/)]);

    realm.takeLastPreview();
    await machine.sure("firewall-cmd -q --remove-port=8085/tcp");
    const [told, json, engine] = await Promise.all([
      stack.realm(["drift", ...stack.where]),
      stack.realm(["drift", "--json", ...stack.where]),
      stack.preview(["--expect-no-changes"]),
    ]);
    const text = "8085/tcp is closed in the running firewall (permanent: open)";
    expect(engine.code).not.toBe(0);
    expect([told.code, json.code]).toEqual([1, 1]);
    expect(told.stdout).toContain(`firewall: ${text}\n`);
    expect(told.stdout).toMatch(/\n1 finding; `pulumi up` puts right what the stack can\n$/);
    expect((JSON.parse(json.stdout) as { kind: string }[]).filter(({ kind }) => kind !== "note")).toEqual([
      { component: "firewall", kind: "drift", text },
    ]);

    await machine.sure("systemctl stop ssh.socket ssh.service 2>/dev/null");
    const unseen = await stack.realm(["drift", ...stack.where]);
    expect(unseen.code).toBe(2);
    expect(unseen.stdout).toContain(`cannot reach ${machine.address} on port 22`);
    expect(unseen.stdout).toMatch(/\nit could not be told what has drifted\n$/);
    await machine.sure("systemctl start ssh");
    expectOk(await stack.up());
    await realm.expectNothingToDo();
  }, 240_000);

  it("is data that is lost: `up` refuses, names the way back, and begins anew only when told to", async () => {
    const { machine, stack } = realm.realm;
    const sql = (statement: string) => machine.sure(`mariadb -N -B -e ${JSON.stringify(statement)}`);
    const tables = "SELECT COUNT(*) FROM information_schema.tables WHERE table_schema = 'characters'";
    const had = await sql(tables);
    await sql(
      "INSERT INTO authserver.account (username, salt, verifier) VALUES ('A', REPEAT('a', 32), REPEAT('b', 32))",
    );

    realm.takeLastPreview();
    await sql("DROP DATABASE characters");
    const running = await pids(machine);
    const seen = await preview(stack);
    expect(seen.planned).toEqual(["access", "schema"]);
    expect(seen.warns.access).toContain("drift: database characters does not exist");
    expect(seen.warns.schema).toContain("drift: the characters database characters is missing");
    const { code, stdout, stderr } = await stack.up();
    expect(code).not.toBe(0);
    const said = stdout + stderr;
    expect(said).toContain(
      "the database characters is gone: it was there when the stack last ran; nothing was changed",
    );
    expect(said).toContain("newest backup on this host: none");
    expect(said).toContain("pulumi config set --path trinitycore:databases.startEmpty true");
    expect(await sql("SHOW DATABASES LIKE 'characters'")).toBe("");
    expect(await pids(machine)).toEqual(running);

    await stack.set({ "trinitycore:databases.startEmpty": true });
    expectOk(await stack.up());
    expect(await sql(tables)).toBe(had);
    expect(await sql("SELECT username FROM authserver.account WHERE username = 'A'")).toBe("A");
    expect(await machine.sure("systemctl is-active authserver worldserver | xargs")).toBe("active active");
    await realm.expectNothingToDo();
  }, 240_000);
});
