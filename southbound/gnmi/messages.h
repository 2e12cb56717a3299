/*
 * The gNMI messages that Karst decodes by protobuf-c (answers to Capabilities, Get and Set, and
 * everything that the tests' targets send), with what makes that safe: a check of the nesting
 * before, and an allocator that gives at most WIRE_MEMORY_FACTOR octets for each octet of the
 * message and at most WIRE_MEMORY_MAX in all.
 */
#ifndef SOUTHBOUND_GNMI_MESSAGES_H
#define SOUTHBOUND_GNMI_MESSAGES_H

#include "models/proto/gnmi.pb-c.h"
#include "southbound/gnmi/wire.h"

#define WIRE_MEMORY_FACTOR 64
#define WIRE_MEMORY_MAX ((size_t)16 << 20)
#define WIRE_MESSAGE_MAX ((size_t)4 << 20) /* octets of one message */

extern const struct wire_message gnmi_type_path, gnmi_type_value, gnmi_type_notification,
    gnmi_type_subscribe_request, gnmi_type_subscribe_response, gnmi_type_capability_response,
    gnmi_type_get_request, gnmi_type_get_response, gnmi_type_set_request, gnmi_type_set_response;

/*
 * Decodes a message of a protobuf-c descriptor that has this nesting. The caller frees *out with
 * gnmi_message_free. PCE_MALFORMED, PCE_LIMIT (nesting, size, memory), PCE_NO_MEMORY.
 */
enum pce_status gnmi_message_read(const ProtobufCMessageDescriptor *descriptor,
				  const struct wire_message *type, const void *bytes, size_t len,
				  ProtobufCMessage **out, struct pce_error *err);
/* Frees what gnmi_message_read gave; NULL does nothing. */
void gnmi_message_free(ProtobufCMessage *message);

#endif
