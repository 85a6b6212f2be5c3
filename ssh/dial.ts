import { Socket } from "node:net";
import { Failure } from "../program/failure";

/** Where in the stack config the words of an endpoint stand. */
export type Keys = Readonly<Record<"host" | "port" | "user" | "hostKey", string>>;
export const hostKeys: Keys = {
  host: "trinitycore:host.address",
  port: "trinitycore:host.ssh.port",
  user: "trinitycore:host.ssh.user",
  hostKey: "trinitycore:host.key",
};
export const jumpKeys: Keys = {
  host: "trinitycore:host.ssh.jumpHost",
  port: "trinitycore:host.ssh.jumpPort",
  user: "trinitycore:host.ssh.jumpUser",
  hostKey: "trinitycore:host.ssh.jumpHostKey",
};

/** How long each part of a connection may take, in milliseconds. */
export interface Patience {
  /** The TCP connection, which no busy sshd keeps waiting. */
  readonly connect: number;
  /** Until both sides have agreed on their keys: sshd may look names up before it says a word. */
  readonly handshake: number;
  /** The login: PAM and DNS may take their time; sshd itself gives up after LoginGraceTime, two minutes. */
  readonly login: number;
  /** After how much of that the operator is told. */
  readonly quiet: number;
  /** Nothing heard of the other side for so long, not even an answer to a sign of life: the connection is lost. */
  readonly silence: number;
  /** Before each further try, where a server drops connections at random (MaxStartups). */
  readonly pauses: readonly number[];
  /** Before the second try, where a firewall refuses who comes too often. */
  readonly limited: number;
}

export const patience: Patience = {
  connect: 10_000,
  handshake: 45_000,
  login: 150_000,
  quiet: 10_000,
  silence: 60_000,
  pauses: [500, 1_000, 2_000, 3_000, 5_000],
  limited: 31_000,
};

/** A connection that the server took and ended before a word of SSH. */
export class Dropped extends Failure {}

/** A connection that was refused at once. */
export class Refused extends Failure {}

export function dial({ host, port }: { host: string; port: number }, keys: Keys, ms: number): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = new Socket();
    const fail = (why: string) => {
      socket.destroy();
      const text = `cannot reach ${host} on port ${port} (${why}); look at ${keys.host} and ${keys.port}`;
      reject(why === "ECONNREFUSED" ? new Refused(text) : new Failure(text));
    };
    const timer = setTimeout(() => fail(`no answer in ${ms / 1000} s`), ms);
    socket.once("error", (error: NodeJS.ErrnoException) => {
      clearTimeout(timer);
      fail(error.code ?? error.message);
    });
    socket.connect(port, host, () => {
      clearTimeout(timer);
      socket.removeAllListeners("error");
      socket.setNoDelay(true);
      resolve(socket);
    });
  });
}
