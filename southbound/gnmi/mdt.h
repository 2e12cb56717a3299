/*
 * Cisco's model-driven telemetry in its self-describing encoding (GPB-KV): the payload of
 * gRPCMdtDialout. A Telemetry message names a path once; each row below it has keys by name and
 * content as a tree of named values. The same map as for gNMI says what leaves mean. No allocation.
 *
 * Field numbers are those of telemetry.proto and mdt_grpc_dialout.proto as Cisco publishes them.
 * The compact encoding (GPB), whose fields need a schema of the model, is counted as unmapped.
 */
#ifndef SOUTHBOUND_GNMI_MDT_H
#define SOUTHBOUND_GNMI_MDT_H

#include "southbound/gnmi/walk.h"

/* Walks an MdtDialoutArgs. PCE_MALFORMED: octets that are no message. */
enum pce_status gnmi_walk_mdt(struct gnmi_walk *walk, const void *bytes, size_t len,
			      struct pce_error *err);

#endif
