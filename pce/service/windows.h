/* Drains that begin and end by the clock: see windows.c. */
#ifndef PCE_SERVICE_WINDOWS_H
#define PCE_SERVICE_WINDOWS_H

#include "pce/service/internal.h"

/* Notes a window for what is to be drained; why: the answer, if it is not done. */
enum pce_status window_plan(struct service *s, const struct drain_window *wanted,
			    struct pce_error *why, struct pce_error *err);
/* Takes the windows of an object off; true if there was one. */
bool window_cancel(struct service *s, const struct drain *drain);
/* Whether the object has a window. */
bool window_is_planned(const struct service *s, const struct drain *drain);
/* Begins and ends what is due. */
enum pce_status windows_tick(struct service *s, struct pce_error *err);
/* When windows_tick has to be called though nothing happens. */
struct usec windows_deadline(const struct service *s);
/* A copy of them, for a record. */
enum pce_status windows_collect(const struct service *s, struct arena *arena,
				struct operate_record *out, struct pce_error *err);
/* Takes in the records of the store. */
enum pce_status windows_recover(struct service *s, const struct operate_record *record,
				struct pce_error *err);
/* Part of the service's end. */
void windows_free(struct service *s);

#endif
