import { existsSync } from "node:fs";
import type { types } from "@pulumi/command";
import type * as pulumi from "@pulumi/pulumi";
import { Failure } from "../program/failure";
import type { Settings } from "../settings";
import { hasPassphrase } from "../settings/key-rules";
import { chosenKeyPath } from "./chosen-key";
import type { Endpoint } from "./session";

export type { Endpoint } from "./session";

type ConnectionArgs = types.input.remote.ConnectionArgs;

/**
 * How the plugin dials. A host that drops all packets is given up within a minute. The time is for the TCP connection
 * alone: for the login the plugin waits without limit. An sshd that drops logins at random (MaxStartups) costs tries.
 */
const dialLimits = { dialErrorLimit: 10, perDialTimeout: 4 };

/** A secret's text, for this program's own connection only; the resources get the secret output. */
async function inClear(secret: pulumi.Output<string> | undefined): Promise<string | undefined> {
  if (secret === undefined) return undefined;
  return (secret as unknown as { promise(): Promise<string> }).promise();
}

/**
 * The host for this program's own session, and for the command plugin. The plugin's object is built field by field:
 * the plugin prints an object with an unknown field, and with it the private key.
 * @throws Failure when the ssh-agent cannot be used
 */
export async function endpointOf(settings: Settings): Promise<{ endpoint: Endpoint; connection: ConnectionArgs }> {
  const { address: host, key: hostKey, ssh } = settings.host;
  const agent = agentSocket(ssh.agent);
  const privateKey = await inClear(ssh.privateKey);
  // The plugin refuses a passphrase for a key that has none.
  const wanted = privateKey && hasPassphrase(privateKey) ? ssh.privateKeyPassphrase : undefined;
  const passphrase = await inClear(wanted);
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
    // The plugin finds the agent by itself: the path of its socket changes at each login and would be a changed input.
    // A chosen key has a socket whose path stays.
    ...(login.agent && login.agentKey ? { agentSocketPath: chosenKeyPath(login.agentKey) } : {}),
  };
  const connection: ConnectionArgs = {
    host,
    port: ssh.port,
    user: ssh.user,
    hostKey,
    ...dialLimits,
    ...keys,
    ...(jump
      ? { proxy: { host: jump.host, port: jump.port, user: jump.user, hostKey: jump.hostKey, ...dialLimits, ...keys } }
      : {}),
  };
  return { endpoint, connection };
}

/**
 * The plugin's connection where sshd wants a second factor that asks nothing: the plugin answers it only when it has a
 * password, which may be empty.
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

/** @throws Failure when there is no agent though one is wanted, or when the plugin would fail on SSH_AUTH_SOCK */
function agentSocket(wanted: boolean): string | undefined {
  const socket = process.env.SSH_AUTH_SOCK;
  if (wanted && !socket) {
    throw new Failure(
      "trinitycore:host.ssh.agent is true, but no agent runs here (SSH_AUTH_SOCK is not set); " +
        "start one with `eval $(ssh-agent)`",
    );
  }
  if (socket && !existsSync(socket)) {
    throw new Failure(
      `SSH_AUTH_SOCK names ${socket}, which is not there, and the command plugin fails on it; ` +
        "run `unset SSH_AUTH_SOCK`",
    );
  }
  return wanted ? socket : undefined;
}
