/** `npm run realm -- backup` and `backup list`. */

import { size } from "../actions/amounts";
import { type Backup, backupAction, backupsIn, listInWords } from "../actions/backups";
import { Failure } from "../program/failure";
import { type OnHost, withHost } from "./on-host";
import type { StackOptions } from "./stack-options";

export const backupsOn = async (host: OnHost): Promise<Backup[]> =>
  backupsIn(await host.run(backupAction(host.settings, host.stack, "list")));

/** Makes one, and tells how far it is. It goes on when this program is ended. */
export const backUpNow = (options: StackOptions): Promise<void> =>
  withHost(options, async (host) => {
    let made = "";
    await host.run(backupAction(host.settings, host.stack, "now"), (line) => {
      const [word, text = ""] = line.split("\t");
      if (word === "made") made = text;
      else if (word === "said") console.log(text);
    });
    const backup = (await backupsOn(host)).find(({ name }) => name === made);
    if (!backup) throw new Failure(`the backup ${made} is not there any more`);
    console.log(`${made}: ${backup.roles.join(", ")}; ${size(backup.bytes)}, in ${host.settings.backups.folder}`);
  });

export const listBackups = (options: StackOptions & { readonly json?: boolean }): Promise<void> =>
  withHost(options, async (host) => {
    const backups = await backupsOn(host);
    console.log(options.json ? JSON.stringify(backups, null, 2) : listInWords(backups, new Date()));
  });
