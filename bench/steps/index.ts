import "../../components/start";
import * as pulumi from "@pulumi/pulumi";
import { SshHost } from "../../components/remote/host";
import { Scripts } from "../../components/remote/scripts";
import { Step } from "../../components/remote/step";
import { settingsFromPulumi } from "../../components/settings";

/** A unit that nothing starts, for each step; BENCH_CHANGED is the one with another description. */
export = async () => {
  const host = await SshHost.connect(settingsFromPulumi(), `${pulumi.getProject()}/${pulumi.getStack()}`);
  const scripts = new Scripts("scripts", { host });
  for (let i = 1; i <= Number(process.env.BENCH_STEPS); i++) {
    const description = `Bench ${i}${i === Number(process.env.BENCH_CHANGED) ? " changed" : ""}`;
    const args = {
      unit: `bench-${i}.service`,
      content: `[Unit]\nDescription=${description}\n[Service]\nExecStart=/bin/true\n`,
      aliases: [],
    };
    new Step(
      "bench:index:Unit",
      `unit-${i}`,
      host,
      { step: `unit-${i}`, kind: "unit", args },
      { dependsOn: [scripts] },
    );
  }
};
