/**
 * The folder of the stack's scripts on the host; `server/run/places.sh` has the same path.
 */
export const LIBEXEC = "/usr/local/libexec/trinity-stack";
/** The folder of the receipts, and of what else the stack keeps for itself on the host. */
export const STATE_DIR = "/var/lib/trinity-stack";
/** Where those who may not work at the same time wait for each other. */
export const LOCKS = "/run/trinity-stack/locks";
/** What is gone when the host boots. */
export const RUNTIME_DIR = "/run/trinity-stack";
