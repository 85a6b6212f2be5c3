import type { Machine } from "../lab/machine";
import type { Stack } from "../lab/pulumi";
import { pidOf } from "./outside";
import { convergedRealm, destroyLab, type RealmLab, upAndPreview } from "./realm-lab";

/** A new converged realm for each test of `trinitycore:restarts`, and what these tests look at. */
export class RestartsLab {
  private realm: RealmLab | undefined;

  constructor(name: string) {
    beforeEach(async () => {
      this.realm = await convergedRealm(name);
    }, 1_200_000);
    afterEach(() => destroyLab(this.realm), 60_000);
  }

  get machine(): Machine {
    return (this.realm as RealmLab).machine;
  }
  get stack(): Stack {
    return (this.realm as RealmLab).stack;
  }
  /** The process ids of both servers. */
  pids = async () => [await pidOf(this.machine, "authserver"), await pidOf(this.machine, "worldserver")];
  up = () => upAndPreview(this.stack);
  settings = (all: Readonly<Record<string, string | number>>) =>
    this.stack.set({ "trinitycore:realms.wotlk.settings": JSON.stringify(all) });
  /** Restarts wait for a window that is far from now; returns the time of day when it opens. */
  windowFarOff = async () => {
    const opens = new Date(Date.now() + 12 * 3600_000).toISOString().slice(11, 16);
    await this.stack.set({ "trinitycore:restarts": "window", "trinitycore:window.schedule": `*-*-* ${opens}:00` });
    return opens;
  };
}
