/* States that changed become notices and alarms: see notify.c. Included by internal.h, which it
 * needs.
 */
#ifndef PCE_SERVICE_NOTIFY_H
#define PCE_SERVICE_NOTIFY_H

#include "pce/service/internal.h"

/* What the policy, or the intent, is has to be looked at, and told if it changed. */
void touch(struct service *s, struct service_policy *policy);
/* See touch. */
void touch_intent(struct service *s, struct service_intent *intent);
/* How the policy stands now. */
void policy_standing_of(const struct service *s, const struct service_policy *policy,
			struct policy_standing *out);
/* Tells what changed since it was told last. */
enum pce_status tell(struct service *s, struct pce_error *err);
enum pce_status tell_topology(struct service *s, const struct ted_change *changes, size_t n,
			      struct pce_error *err);
enum pce_status tell_session(struct service *s, const char *object, const char *state,
			     const char *text, struct pce_error *err);
/* A notice without more than that, to be filled. */
enum pce_status new_notice(struct service *s, enum service_notice_kind kind, const char *object,
			   const char *state, const char *text, struct service_notice **out,
			   struct pce_error *err);

/* --- alarms.c --- */
/* OPERATE_ACKNOWLEDGE; why: the answer, if it is not done. */
enum pce_status alarms_event(struct service *s, struct pce_error *why, struct pce_error *err);
/* Raises, changes or clears the alarm of an intent whose state or policies changed. */
enum pce_status alarms_intent(struct service *s, struct service_intent *intent,
			      struct pce_error *err);
enum pce_status alarms_intent_gone(struct service *s, struct service_intent *intent,
				   struct pce_error *err);
/* A copy of what is acknowledged, for a record. */
enum pce_status alarms_collect(const struct service *s, struct arena *arena,
			       struct operate_record *out, struct pce_error *err);
enum pce_status alarms_recover(struct service *s, const struct operate_record *record,
			       struct pce_error *err);
/* What was acknowledged before the restart and is over is forgotten. */
void alarms_tick(struct service *s);
struct usec alarms_deadline(const struct service *s);
void alarms_forget_seen(struct service *s);
/* Tells that an alarm was raised, cleared, acknowledged. */
enum pce_status tell_alarm(struct service *s, const struct alarm *alarm, const char *state,
			   struct pce_error *err);
enum pce_status raise_alarm(struct service *s, const struct alarm *alarm, struct pce_error *err);
enum pce_status clear_alarm(struct service *s, const char *object, const char *cause,
			    struct pce_error *err);
enum pce_status tell_intent_gone(struct service *s, struct service_intent *intent,
				 struct pce_error *err);
enum pce_status tell_policy_gone(struct service *s, struct service_policy *policy,
				 struct pce_error *err);
/* Keeps the names of the links of the path that a policy is about to leave. */
enum pce_status remember_before(struct service *s, struct service_policy *policy,
				struct pce_error *err);
/* Tells subscribers at once that the policy's list does not forward along its path, as text says.
 */
enum pce_status tell_strayed(struct service *s, const struct service_policy *policy,
			     const char *text, struct pce_error *err);

#endif
