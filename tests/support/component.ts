import * as pulumi from "@pulumi/pulumi";

/** What the compiler leaves out above it moves the lines. */
export interface Named {
  readonly name: string;
}

class Here extends pulumi.ComponentResource implements Named {
  constructor(readonly name: string) {
    super("test:index:Here", name);
  }
}

export const make = (): Named => new Here("here");
