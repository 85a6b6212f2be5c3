/**
 * Stands in for ssh where another program wants to start one, as rsync does: hands the words it was called with, and
 * whatever goes to and fro, to the socket that its first word names, where this stack's own connection waits.
 */
const { connect } = require("node:net");

const [socket, ...called] = process.argv.slice(2);
const way = connect({ path: socket, allowHalfOpen: true }, () => {
  way.write(`${JSON.stringify(called)}\n`);
  process.stdin.pipe(way);
  way.pipe(process.stdout);
});
way.on("error", () => process.exit(255));
// As ssh does, it ends when the far end has, whatever its own input is about to say.
way.on("end", () => process.stdout.write("", () => process.exit(0)));
// rsync ends who helps it with this signal, at which node would open a debugger's port instead.
process.on("SIGUSR1", () => process.exit(255));
