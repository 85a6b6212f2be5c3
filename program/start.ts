/** These must run before the rest of the SDK is loaded, in this order. */
import "./load-when-used";
import "./stack-traces";
import "./debug-messages";
