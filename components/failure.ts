import * as pulumi from "@pulumi/pulumi";

/** Something the operator can put right: told once, as one message without a stack trace. */
export class Failure extends pulumi.RunError {
  constructor(message: string) {
    super(message);
    // The SDK formats every error in colour, shown or not, and over a frame such as `node_modules/@pulumi/resource.ts` Node 20
    // then spends 20 s and 0.5 GB.
    this.stack = undefined;
    // Each resource that waits for what failed would put the property it wanted before the message.
    Object.defineProperty(this, "message", { get: () => message, set: () => {} });
  }
}
