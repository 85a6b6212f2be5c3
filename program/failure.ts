import * as pulumi from "@pulumi/pulumi";

/** Something the operator can put right: told once, as one message without a stack trace. */
export class Failure extends pulumi.RunError {
  constructor(message: string) {
    super(message);
    // Whom it is for has no use for where in the program it was found.
    this.stack = undefined;
    // Each resource that waits for what failed would put the property it wanted before the message.
    Object.defineProperty(this, "message", { get: () => message, set: () => {} });
  }
}
