import { difference, noDifference } from "../../support/inventory";
import { explainedBy, keptAfterDestroy } from "../../support/receipts";

const picture = (entries: Record<string, string>) => new Map(Object.entries(entries));

describe("the difference between two pictures of a host", () => {
  const before = picture({ "package git": "1", "package percona": "8", "user ops": "1000" });

  it("is none where nothing changed", () => {
    expect(difference(before, picture(Object.fromEntries(before)))).toEqual(noDifference);
  });

  it("names what came, what went and what is other than it was", () => {
    expect(difference(before, picture({ "package git": "2", "user ops": "1000", "user x": "1001" }))).toEqual({
      added: ["user x"],
      removed: ["package percona"],
      changed: ["package git: 1 -> 2"],
    });
  });

  it("leaves out what is explained, however it changed", () => {
    expect(difference(before, picture({ "package git": "2" }), (key) => key !== "user ops")).toEqual({
      ...noDifference,
      removed: ["user ops"],
    });
  });
});

describe("a receipt's manifest", () => {
  const made = [
    ...["file /etc/systemd/system/authserver.service", "unit authserver.service", "alias tc-335-auth.service"],
    ...[
      "user trinity",
      "group trinity",
      "user worldserver@localhost",
      "database characters",
      "folder /etc/trinity-stack",
    ],
    ...["firewalld port 8085/tcp", "ufw rich 10.0.0.0/8 3443/tcp", "port 3724", "package socat"],
  ];
  const explained = explainedBy(made);

  it.each([
    "file /etc/systemd/system/authserver.service",
    "unit-file authserver.service",
    "active authserver.service",
    "link /etc/systemd/system/multi-user.target.wants/authserver.service",
    "link /etc/systemd/system/tc-335-auth.service",
    "user trinity",
    "password trinity",
    "grant 'worldserver'@'localhost' GRANT USAGE ON *.* TO `worldserver`@`localhost`",
    "table characters.characters",
    "file /etc/trinity-stack/authserver.env",
    "zone public ports 8085/tcp",
    "filter table inet firewalld chain filter_IN_public_allow: tcp dport 8085 accept",
    "ufw-rule allow from 10.0.0.0/8 to any port 3443 proto tcp",
    "listens tcp/0.0.0.0:3724",
    "reachable 3724/tcp",
    "package socat",
    "package socat:amd64",
  ])("explains %s", (key) => {
    expect(explained(key)).toBe(true);
  });

  it.each([
    "file /etc/ssh/sshd_config",
    "file /etc/systemd/system/authserver.service.d/mine.conf",
    "active mariadb.service",
    "user trinity2",
    "grant 'clerk'@'localhost' GRANT USAGE ON *.* TO `clerk`@`localhost`",
    "table charactersx.characters",
    "zone public ports 18085/tcp",
    "filter table inet firewalld chain filter_IN_public_allow: tcp dport 80850 accept",
    "reachable 22/tcp",
    "package socat-extras",
  ])("does not explain %s", (key) => {
    expect(explained(key)).toBe(false);
  });

  it("keeps databases, packages and the account when the stack goes, and no logins", () => {
    expect(keptAfterDestroy(made)).toEqual(["user trinity", "group trinity", "database characters", "package socat"]);
  });
});
