/** What has to be in place before the rest of the SDK is loaded, in this order. */
import "./load-when-used";
import "./stack-traces";
import "./debug-messages";
