import { spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { type AddressInfo, createServer as createTcp, type Server } from "node:net";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { type Answer, answerIn, question, unfit, worldAction } from "../../../actions/soap";
import { load } from "../settings/source";

const ASK = resolve(__dirname, "../../../server/actions/ask.sh");
const PASSWORD = "Abc123def456Ghij";

const envelope = (body: string) =>
  `<?xml version="1.0" encoding="UTF-8"?>\n<SOAP-ENV:Envelope xmlns:SOAP-ENV="http://schemas.xmlsoap.org/soap/envelope/" xmlns:ns1="urn:TC"><SOAP-ENV:Body>${body}</SOAP-ENV:Body></SOAP-ENV:Envelope>`;
const done = (text: string) =>
  envelope(`<ns1:executeCommandResponse><result>${text}</result></ns1:executeCommandResponse>`);
/** As soap_sender_fault makes it of a command that failed: its words twice. */
const fault = (text: string) =>
  envelope(
    `<SOAP-ENV:Fault><faultcode>SOAP-ENV:Client</faultcode><faultstring>${text}</faultstring><detail>${text}</detail></SOAP-ENV:Fault>`,
  );
/** As soap_send_fault makes it of a number that is no error of its own. */
const httpFault = (text: string) => fault(text).replace("Client", "Server");

/** The worldserver's ear, as its gSOAP answers; what it was asked. */
async function listening(
  answers: (request: IncomingMessage, response: ServerResponse) => void,
): Promise<{ server: Server; heard: { body: string; login?: string }[] }> {
  const heard: { body: string; login?: string }[] = [];
  const server = createServer((request, response) => {
    let body = "";
    request.setEncoding("utf8").on("data", (part: string) => {
      body += part;
    });
    request.on("end", () => {
      heard.push({ body, login: request.headers.authorization });
      answers(request, response);
    });
  });
  await new Promise<void>((ready) => server.listen(0, "127.0.0.1", ready));
  return { server, heard };
}
const says =
  (status: number, body: string, headers = {}) =>
  (_: IncomingMessage, response: ServerResponse) =>
    response
      .writeHead(status, { "Content-Type": "text/xml; charset=utf-8", Connection: "close", ...headers })
      .end(body);

/** The shell that asks on a host, here: `systemctl` is all that it needs of one. */
async function asked(port: number, command = "server info", state = "active"): Promise<Answer> {
  const here = mkdtempSync(join(tmpdir(), "ask-"));
  const login = join(here, "login");
  writeFileSync(login, `user = "TRINITYSTACK:${PASSWORD}"\nurl = "http://127.0.0.1:${port}/"\n`, { mode: 0o600 });
  const script = `declare -A ARG=([login]=${login} [seconds]=1); here=${here}; systemctl() { echo ${state}; }
    . ${ASK}; base64 -d | ask_line worldserver.service`;
  const bash = spawn("bash", ["-c", script], { stdio: "pipe" });
  let said = "";
  bash.stdout.setEncoding("utf8").on("data", (text: string) => {
    said += text;
  });
  bash.stdin.end(question(command));
  await new Promise((ended) => bash.on("close", ended));
  rmSync(here, { recursive: true });
  expect(said).not.toContain(PASSWORD);
  return answerIn(said.trimEnd(), 1);
}

async function answered(
  answers: Parameters<typeof listening>[0],
  command?: string,
): Promise<{ answer: Answer; heard: { body: string; login?: string }[] }> {
  const { server, heard } = await listening(answers);
  try {
    return { answer: await asked((server.address() as AddressInfo).port, command), heard };
  } finally {
    server.close();
  }
}

describe("a worldserver that is asked", () => {
  it("gets the command as it was typed, with the stack's login, and its words arrive as it said them", async () => {
    const { answer, heard } = await answered(
      says(200, done("Message of the day: a &lt;b&gt; &amp;amp; &#xE9;&#xD;\n\u001b[2Jline two&#xD;\n")),
      'account set note O\'Brien <&> "x" ж',
    );
    expect(answer).toEqual({ end: "done", text: "Message of the day: a <b> &amp; é\n?[2Jline two" });
    const [{ body, login } = { body: "" }] = heard;
    expect(body).toContain('<command>account set note O\'Brien &lt;&amp;&gt; "x" ж</command>');
    expect(Buffer.from(login?.replace("Basic ", "") ?? "", "base64").toString()).toBe(`TRINITYSTACK:${PASSWORD}`);
  });

  it.each<[string, string, string]>([
    ["nothing", done(""), ""],
    ["nothing at all", envelope("<ns1:executeCommandResponse></ns1:executeCommandResponse>"), ""],
    ["no value", envelope('<ns1:executeCommandResponse><result xsi:nil="true"/></ns1:executeCommandResponse>'), ""],
    ["much", done("x\n".repeat(50_000)), "x\n".repeat(50_000).trimEnd()],
  ])("may say %s", async (_, body, text) => {
    expect((await answered(says(200, body))).answer).toEqual({ end: "done", text });
  });

  it("refuses a command with its own words", async () => {
    expect((await answered(says(500, fault("Command 'x' does not exist&#xD;\n")))).answer).toEqual({
      end: "refused",
      text: "Command 'x' does not exist",
    });
  });

  const realm = { "WWW-Authenticate": 'Basic realm="gSOAP Web Service"' };
  it.each<[string, Parameters<typeof listening>[0], RegExp]>([
    [
      "does not know the account",
      says(401, httpFault("HTTP Error: 401 Unauthorized"), realm),
      /^the worldserver does not know the stack's own account, or its password: `pulumi up`/,
    ],
    [
      "takes it for a player's",
      says(403, httpFault("HTTP Error: 403 Forbidden")),
      /^the worldserver does not take the stack's own account for an administrator: `pulumi up`/,
    ],
    [
      "is something else",
      says(404, "<html>"),
      /^what answers in place of the worldserver is no worldserver \(HTTP status 404\)/,
    ],
    [
      "is something else that likes all",
      says(200, "<html>"),
      /^what answers in place of the worldserver speaks no SOAP$/,
    ],
    ["fails as something else does", says(500, "oops"), /^what answers in place of the worldserver speaks no SOAP$/],
    ["never answers", () => undefined, /^the worldserver has not answered for 1 s\. It takes one command at a time/],
    [
      "ends the connection",
      (_, response) => response.destroy(),
      /^the worldserver ended the connection without an answer/,
    ],
    [
      "ends it in the middle of its answer",
      (_, response) => {
        response.writeHead(200, { "Content-Length": "500" }).write("<?xml");
        setTimeout(() => response.destroy(), 50);
      },
      /^the worldserver ended the connection without an answer/,
    ],
  ])("that %s is told of in a sentence", async (_, answers, sentence) => {
    expect((await answered(answers)).answer).toEqual({ end: "unknown", text: expect.stringMatching(sentence) });
  });

  it.each([
    ["inactive", /^the worldserver does not run \(worldserver\.service is inactive\): npm run realm -- start$/],
    ["active", /^the worldserver runs, but its SOAP interface does not listen: it is still loading/],
  ])("that is %s and does not listen is told of in a sentence", async (state, sentence) => {
    const door = createTcp();
    await new Promise<void>((ready) => door.listen(0, "127.0.0.1", ready));
    const { port } = door.address() as AddressInfo;
    await new Promise((closed) => door.close(closed));
    expect(await asked(port, "server info", state)).toEqual({
      end: "unknown",
      text: expect.stringMatching(sentence),
    });
  });
});

it("a line that is no answer is not taken for one", () => {
  for (const line of ["", "answer 0 200", "answer 0 200 u active <>", "bash: line 1: oops"])
    expect(answerIn(line, 1)).toMatchObject({ end: "unknown", text: expect.stringContaining("cannot be read") });
});

it.each([
  ["", "there is nothing to say"],
  ["  ", "there is nothing to say"],
  ["one\ntwo", "a command is one line of plain text"],
  ["\u0000", "a command is one line of plain text"],
  ["server info", undefined],
])("of %j it is said: %s", (command, wrong) => {
  expect(unfit(command)).toBe(wrong);
});

it("the host is told where its login is, by either name, and no password", () => {
  expect(worldAction(load({}), "trinitycore/test", 60).told).toEqual({
    stack: "trinitycore/test",
    receipt: "access-wotlk",
    "page.login": "/etc/trinity-stack/announcer",
    "page.unit": "worldserver.service",
    "own.login": "/etc/trinity-stack/wotlk/announcer",
    "own.unit": "worldserver-wotlk.service",
    seconds: 60,
  });
  expect(worldAction(load({ "host.takeover": "true" }), "trinitycore/test", 60).told.stack).toBe("");
});
