import { connect, createServer, type Socket } from "node:net";
import { Transform } from "node:stream";

/** Bytes come out as they went in, `ms` later. */
const late = (ms: number) =>
  new Transform({
    transform(chunk, _encoding, done) {
      setTimeout(() => this.push(chunk), ms);
      done();
    },
    flush: (done) => void setTimeout(done, ms),
  });

/** A TCP proxy on the loopback to a server whose answers take `roundTrip` milliseconds longer. */
export async function delayed(host: string, port: number, roundTrip: number): Promise<{ port: number; close(): void }> {
  const sockets = new Set<Socket>();
  const server = createServer((near) => {
    const far = connect(port, host);
    for (const [socket, other] of [
      [near, far],
      [far, near],
    ] as const) {
      sockets.add(socket.setNoDelay(true));
      // A connection that breaks off on one side does so on the other.
      socket.on("error", () => other.destroy()).on("close", () => sockets.delete(socket));
    }
    near.pipe(late(roundTrip / 2)).pipe(far);
    far.pipe(late(roundTrip / 2)).pipe(near);
  });
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  const close = () => {
    server.close();
    for (const socket of sockets) socket.destroy();
  };
  return { port: (server.address() as { port: number }).port, close };
}
