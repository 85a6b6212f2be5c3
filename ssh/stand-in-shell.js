/**
 * rsync starts this program in the place of ssh. It hands the words that it was called with, and then all bytes in both
 * directions, to the socket that its first word names. There the stack's own connection takes them.
 */
const { connect } = require("node:net");

const [socket, ...called] = process.argv.slice(2);
const way = connect({ path: socket, allowHalfOpen: true }, () => {
  way.write(`${JSON.stringify(called)}\n`);
  process.stdin.pipe(way);
  way.pipe(process.stdout);
});
way.on("error", () => process.exit(255));
// It ends when the far end does, as ssh does, also where its own input goes on.
way.on("end", () => process.stdout.write("", () => process.exit(0)));
// rsync ends its helpers with this signal; node would open a debugger's port instead.
process.on("SIGUSR1", () => process.exit(255));
