/*
 * Network namespaces of the lab. They are named files in /run/netns, as those of ip(8), so that
 * `ip netns exec` works on them; each name begins with the name of the lab and a dot, and that is
 * how everything of a lab is found again and removed, also after a crash.
 */
#ifndef TESTS_LAB_SPACE_H
#define TESTS_LAB_SPACE_H

#include <stdbool.h>
#include <stddef.h>

#include "pce/base/status.h"

/* Descriptor of the namespace that the thread is in; -1 with errno. */
int space_here(void);
/* Makes a namespace, names it, and puts the calling thread into it; *fd is its descriptor.
 * PCE_EXISTS for a name that is taken, PCE_DENIED without the right. */
enum pce_status space_make(const char *name, int *fd, struct pce_error *err);
/* Puts the calling thread into a namespace. */
enum pce_status space_enter(int fd, struct pce_error *err);
/* Opens a namespace by its name; -1 if there is none. */
int space_open(const char *name);
/* Writes a value below /proc/sys/net of the namespace at hand. */
enum pce_status space_sysctl(const char *path, const char *value, struct pce_error *err);
/* Removes every namespace whose name begins so; the number of them. The prefix must not be "". */
size_t space_remove_all(const char *prefix);
/* Calls visit for the name of every such namespace. */
void space_each(const char *prefix, void (*visit)(void *ctx, const char *name), void *ctx);

#endif
