/*
 * Telemetry by dial-in: for each device with a gnmi container Karst asks for Capabilities (and does
 * without, where there are none), subscribes, and streams on; when a stream ends it tries again,
 * with a back-off that grows and spreads. Everything runs on the engine's thread; readings, states
 * and counters go to the loop as items.
 */
#ifndef SOUTHBOUND_GNMI_DIALIN_H
#define SOUTHBOUND_GNMI_DIALIN_H

#include "pce/service/config.h"
#include "southbound/gnmi/engine.h"

struct gnmi_dialin;

/*
 * Prepares all devices of a configuration, which has to outlive it, as the map has. To be called
 * before the engine starts, and freed after it was. seed spreads the first attempts and keys
 * tables.
 */
enum pce_status gnmi_dialin_new(struct gnmi_engine *engine, const struct karst_config *config,
				const struct gnmi_map *map, uint64_t seed, struct gnmi_dialin **out,
				struct pce_error *err);
/* NULL does nothing. */
void gnmi_dialin_free(struct gnmi_dialin *dialin);

#endif
