import "../../program/start";
import * as pulumi from "@pulumi/pulumi";
import { Scripts } from "../../components/host/scripts";
import { asked } from "../../components/layout";
import { settingsFromPulumi } from "../../settings";
import { SshHost } from "../../steps/host";
import { Step } from "../../steps/step";

/** A unit that nothing starts, for each step; BENCH_CHANGED is the one with another description. */
export = async () => {
  const settings = settingsFromPulumi();
  const host = await SshHost.connect(settings, `${pulumi.getProject()}/${pulumi.getStack()}`, asked(settings));
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
