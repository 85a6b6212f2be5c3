import * as pulumi from "@pulumi/pulumi";
import { SshHost } from "../../components/remote/host";
import { Scripts } from "../../components/remote/scripts";
import { Step } from "../../components/remote/step";
import { settingsFromPulumi } from "../../components/settings";

/** A unit that nothing starts, for each step. */
export = async () => {
  const host = await SshHost.connect(settingsFromPulumi(), `${pulumi.getProject()}/${pulumi.getStack()}`);
  const scripts = new Scripts("scripts", { host });
  for (let i = 1; i <= Number(process.env.BENCH_STEPS); i++) {
    const args = {
      unit: `bench-${i}.service`,
      content: `[Unit]\nDescription=Bench ${i}\n[Service]\nExecStart=/bin/true\n`,
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
