#ifndef STANDIN_BANNER_H
#define STANDIN_BANNER_H
// Lives in a repository of its own, so that a clone without submodules cannot be built.
#define STANDIN_BANNER "This is the stand-in core of the lab."
#endif
