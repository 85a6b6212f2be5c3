import * as pulumi from "@pulumi/pulumi";

/** Something the operator can put right: told once, as one message without a stack trace. */
export class Failure extends pulumi.RunError {
  constructor(message: string) {
    super(message);
    // The operator has no use for a stack trace.
    this.stack = undefined;
    // The SDK would put a property's name before the message, once for each resource that waits.
    Object.defineProperty(this, "message", { get: () => message, set: () => {} });
  }
}
