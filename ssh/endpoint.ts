import { existsSync } from "node:fs";
import type { types } from "@pulumi/command";
import type * as pulumi from "@pulumi/pulumi";
import { Failure } from "../program/failure";
import type { Settings } from "../settings";
import { locked } from "../settings/key-rules";
import { chosenKeyPath } from "./chosen-key";
import type { Endpoint } from "./session";

export type { Endpoint } from "./session";

type ConnectionArgs = types.input.remote.ConnectionArgs;

/**
 * A server that swallows all packets is given up within a minute. Of an attempt only the TCP connection has so little
 * time, which no busy sshd keeps waiting: the plugin waits without limit for the login itself. One that drops logins at
 * random (MaxStartups) costs some of the attempts.
 */
const dialling = { dialErrorLimit: 10, perDialTimeout: 4 };

/** In clear, for this program's own connection; the resources get the secret outputs. */
async function reveal(secret: pulumi.Output<string> | undefined): Promise<string | undefined> {
  if (secret === undefined) return undefined;
  return (secret as unknown as { promise(): Promise<string> }).promise();
}

/**
 * The same server twice: for the program's own session, and for the command plugin. The plugin's object is built field
 * by field, as it prints an object with a field it does not know, private key and all.
 */
export async function endpointOf(settings: Settings): Promise<{ endpoint: Endpoint; connection: ConnectionArgs }> {
  const { address: host, key: hostKey, ssh } = settings.host;
  const agent = agentSocket(ssh.agent);
  const privateKey = await reveal(ssh.privateKey);
  // One for a key that has none: the plugin, unlike this program, refuses to use it.
  const wanted = privateKey && locked(privateKey) ? ssh.privateKeyPassphrase : undefined;
  const passphrase = await reveal(wanted);
  const login = {
    ...(privateKey ? { privateKey, passphrase } : {}),
    ...(agent && !privateKey ? { agent, agentKey: ssh.agentKey } : {}),
  };
  const jump: Endpoint | undefined = ssh.jumpHost
    ? { host: ssh.jumpHost, port: ssh.jumpPort, user: ssh.jumpUser || ssh.user, hostKey: ssh.jumpHostKey, ...login }
    : undefined;
  const endpoint: Endpoint = { host, port: ssh.port, user: ssh.user, hostKey, ...login, ...(jump ? { jump } : {}) };
  const keys = {
    ...(ssh.privateKey ? { privateKey: ssh.privateKey } : {}),
    ...(wanted ? { privateKeyPassword: wanted } : {}),
    // The plugin finds the agent by itself: its socket is another at each login, and would be a changed input. One key
    // of it has a way of its own.
    ...(login.agent && login.agentKey ? { agentSocketPath: chosenKeyPath(login.agentKey) } : {}),
  };
  const connection: ConnectionArgs = {
    host,
    port: ssh.port,
    user: ssh.user,
    hostKey,
    ...dialling,
    ...keys,
    ...(jump
      ? { proxy: { host: jump.host, port: jump.port, user: jump.user, hostKey: jump.hostKey, ...dialling, ...keys } }
      : {}),
  };
  return { endpoint, connection };
}

/**
 * For the plugin, where the server asked this program for a second factor that asked nothing: the plugin answers such a
 * thing only when it has a password, be it an empty one.
 */
export function withSilentFactors(
  connection: ConnectionArgs,
  silent: { server: boolean; jump: boolean },
): ConnectionArgs {
  const proxy = connection.proxy as ConnectionArgs["proxy"];
  return {
    ...connection,
    ...(silent.server ? { password: "" } : {}),
    ...(proxy && silent.jump ? { proxy: { ...proxy, password: "" } as ConnectionArgs["proxy"] } : {}),
  };
}

/** @throws Error when the agent that is asked for, or that the plugin would stumble over, is not there. */
function agentSocket(wanted: boolean): string | undefined {
  const socket = process.env.SSH_AUTH_SOCK;
  if (wanted && !socket) {
    throw new Failure(
      "trinitycore:host.ssh.agent is true, but no agent runs here (SSH_AUTH_SOCK is not set); start one with `eval $(ssh-agent)`",
    );
  }
  if (socket && !existsSync(socket)) {
    throw new Failure(
      `SSH_AUTH_SOCK names ${socket}, which is not there, and the command plugin fails on it; run \`unset SSH_AUTH_SOCK\``,
    );
  }
  return wanted ? socket : undefined;
}
