import { Socket } from "node:net";
import { Failure } from "../program/failure";

/** The keys of the stack config that describe an endpoint, for messages. */
export type EndpointKeys = Readonly<Record<"host" | "port" | "user" | "hostKey", string>>;
export const hostKeys: EndpointKeys = {
  host: "trinitycore:host.address",
  port: "trinitycore:host.ssh.port",
  user: "trinitycore:host.ssh.user",
  hostKey: "trinitycore:host.key",
};
export const jumpKeys: EndpointKeys = {
  host: "trinitycore:host.ssh.jumpHost",
  port: "trinitycore:host.ssh.jumpPort",
  user: "trinitycore:host.ssh.jumpUser",
  hostKey: "trinitycore:host.ssh.jumpHostKey",
};

/** How long each part of a connection may take, and the pauses between tries, in milliseconds. */
export interface Timeouts {
  /** Opening the TCP connection, which takes no time even where sshd is busy. */
  readonly connect: number;
  /** Until both sides have agreed on keys; sshd may look up names in DNS first. */
  readonly handshake: number;
  /** The login, for which PAM may take its time; sshd itself gives up after LoginGraceTime, two minutes. */
  readonly login: number;
  /** After this part of the login's time the operator is told that it takes long. */
  readonly tellAfter: number;
  /** A connection over which nothing came for this time, not even an answer to a keepalive, counts as lost. */
  readonly silence: number;
  /** Before each further try, where sshd drops connections at random (MaxStartups). */
  readonly dropPauses: readonly number[];
  /** Before the second try, where a firewall refuses an address that connects too often. */
  readonly refusedPause: number;
}

export const timeouts: Timeouts = {
  connect: 10_000,
  handshake: 45_000,
  login: 150_000,
  tellAfter: 10_000,
  silence: 60_000,
  dropPauses: [500, 1_000, 2_000, 3_000, 5_000],
  refusedPause: 31_000,
};

/** A connection that was accepted and then closed before SSH began. */
export class ConnectionDropped extends Failure {}

/** A connection that was refused (ECONNREFUSED). */
export class ConnectionRefused extends Failure {}

export function dial({ host, port }: { host: string; port: number }, keys: EndpointKeys, ms: number): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = new Socket();
    const fail = (why: string) => {
      socket.destroy();
      const text = `cannot reach ${host} on port ${port} (${why}); look at ${keys.host} and ${keys.port}`;
      reject(why === "ECONNREFUSED" ? new ConnectionRefused(text) : new Failure(text));
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
