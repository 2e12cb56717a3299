/*
 * Telemetry by dial-out: a gRPC server that routers connect to, with the services that routers in
 * the field speak: SONiC's gNMIDialOut (Publish of gNMI SubscribeResponses) and Cisco's
 * gRPCMdtDialout (GPB-KV). Only devices with a dial-out-name may: it is a name in the client's
 * certificate or, if it is an address, where the connection comes from. Everything runs on the
 * engine's thread. What a source sends is bounded: the size of a message, the number of its
 * streams, the memory of all connections; and nothing is read on while the loop cannot keep up.
 */
#ifndef SOUTHBOUND_GNMI_COLLECTOR_H
#define SOUTHBOUND_GNMI_COLLECTOR_H

#include "pce/service/config.h"
#include "southbound/gnmi/engine.h"

#define GNMI_STREAMS_MAX 512 /* of one device */
#define GNMI_QUOTA ((size_t)256 << 20) /* octets that all connections may hold */

struct gnmi_collector;

/* Takes a message instead of the collector's own decoding, for measurements. */
typedef void gnmi_message_fn(void *ctx, uint32_t device, const uint8_t *bytes, size_t len);

/*
 * Listens as the configuration says, which has to outlive it, as the map has. To be called before
 * the engine starts, and freed after it was. instead: NULL, or see above. PCE_IO names the address
 * or the file.
 */
enum pce_status gnmi_collector_new(struct gnmi_engine *engine, const struct karst_config *config,
				   const struct gnmi_map *map, uint64_t seed,
				   gnmi_message_fn *instead, void *ctx, struct gnmi_collector **out,
				   struct pce_error *err);
/* NULL does nothing. */
void gnmi_collector_free(struct gnmi_collector *collector);

#endif
