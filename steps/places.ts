/**
 * Where the stack's scripts rest on the server (`server/run/places.sh` has the same); the kinds of step are in
 * `server/` of this repository.
 */
export const LIBEXEC = "/usr/local/libexec/trinity-stack";
/** Where the receipts of its steps are. */
export const STATE_DIR = "/var/lib/trinity-stack";
/** Where those who may not work at the same time wait for each other. */
export const LOCKS = "/run/trinity-stack/locks";
