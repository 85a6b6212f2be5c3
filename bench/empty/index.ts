import * as pulumi from "@pulumi/pulumi";

/** Nothing but what every program here loads. */
export = async () => ({ stack: pulumi.getStack() });
