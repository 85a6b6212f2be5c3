/**
 * mysql:index/database:Database, with what the official one does: an existing database is refused, an unreachable
 * server is tried for long.
 */
import { randomBytes } from "node:crypto";
import type { Pool, ResultSetHeader, RowDataPacket } from "mysql2/promise";
import { type Bag, type Context, type ResourceType, serve } from "./serve";

/** How long an unreachable server is tried. */
const RETRY_MS = Number(process.env.TRINITY_LAB_MYSQL_PATIENCE ?? 300) * 1000;

const pools = new Map<string, Promise<Pool>>();

async function openPool(config: Bag): Promise<Pool> {
  const endpoint = String(config.endpoint ?? "");
  if (!endpoint) throw new Error("mysql: the provider has no endpoint");
  const [host = "", port = "3306"] = endpoint.split(":");
  const where = endpoint.startsWith("/") ? { socketPath: endpoint } : { host, port: Number(port) };
  const login = { user: String(config.username ?? ""), password: String(config.password ?? "") };
  // Loaded when it is used: the official plugin starts as quickly as this one does without it.
  const { createPool } = await import("mysql2/promise");
  const pool = createPool({ ...where, ...login });
  for (const end = Date.now() + RETRY_MS; ; ) {
    try {
      (await pool.getConnection()).release();
      return pool;
    } catch (error) {
      // A refused login is final; everything else may be a server that is still starting.
      if ((error as { errno?: number }).errno === 1045 || Date.now() > end) {
        throw new Error(`Could not connect to server: ${(error as Error).message}`);
      }
      await new Promise((resolve) => setTimeout(resolve, 1000));
    }
  }
}

/**
 * Connections are kept for the life of this process; one that was closed meanwhile is opened again, as Go's driver
 * does.
 */
async function query<T extends RowDataPacket[] | ResultSetHeader>(
  { config }: Context,
  sql: string,
  values: unknown[] = [],
): Promise<T> {
  const key = JSON.stringify(config);
  const kept = pools.get(key) ?? openPool(config);
  pools.set(key, kept);
  const pool = await kept;
  const attempt = async () => (await pool.query<T>(sql, values))[0];
  return attempt().catch((error: { code?: string }) => {
    if (error.code === "PROTOCOL_CONNECTION_LOST" || error.code === "EPIPE") return attempt();
    throw error;
  });
}

const name = (value: unknown) => `\`${String(value).replaceAll("`", "``")}\``;
const options = (inputs: Bag) =>
  `CHARACTER SET ${name(inputs.defaultCharacterSet)} COLLATE ${name(inputs.defaultCollation)}`;

const database: ResourceType = {
  computed: [],
  replaces: ["name"],
  check: (inputs, resource) => ({
    defaultCharacterSet: "utf8",
    defaultCollation: "utf8_general_ci",
    name: `${resource}-${randomBytes(4).toString("hex").slice(0, 7)}`,
    ...inputs,
  }),
  async create(inputs, context) {
    await query<ResultSetHeader>(context, `CREATE DATABASE ${name(inputs.name)} ${options(inputs)}`);
    return { id: String(inputs.name), outputs: inputs };
  },
  async read(id, _state, context) {
    const rows = await query<RowDataPacket[]>(
      context,
      "SELECT default_character_set_name AS cs, default_collation_name AS co FROM information_schema.schemata WHERE schema_name = ?",
      [id],
    );
    const row = rows[0];
    return row && { name: id, defaultCharacterSet: row.cs, defaultCollation: row.co };
  },
  async update(id, _old, inputs, context) {
    await query<ResultSetHeader>(context, `ALTER DATABASE ${name(id)} ${options(inputs)}`);
    return inputs;
  },
  async delete(id, _old, context) {
    await query<ResultSetHeader>(context, `DROP DATABASE ${name(id)}`);
  },
};

serve("3.3.2", { "mysql:index/database:Database": database });
