/** What has to be in place before the rest of the SDK is loaded, in this order. */
import "./postponed";
import "./traces";
import "./debug";
