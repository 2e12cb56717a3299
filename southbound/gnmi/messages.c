#include "southbound/gnmi/messages.h"

#include <stdlib.h>

#define COUNT(list) (sizeof(list) / sizeof((list)[0]))
#define TYPE(variable, text, list)                                                                 \
	const struct wire_message gnmi_type_##variable = { text, list, COUNT(list) }

extern const struct wire_message gnmi_type_elem, gnmi_type_key, gnmi_type_array, gnmi_type_decimal,
    gnmi_type_update, gnmi_type_model, gnmi_type_subscription, gnmi_type_list, gnmi_type_result,
    gnmi_type_poll;

const struct wire_message gnmi_type_key = { "key of a path element", NULL, 0 };
const struct wire_message gnmi_type_decimal = { "Decimal64", NULL, 0 };
const struct wire_message gnmi_type_poll = { "Poll", NULL, 0 };
const struct wire_message gnmi_type_model = { "ModelData", NULL, 0 };

static const struct wire_nested elem[] = { { 2, true, &gnmi_type_key } };
TYPE(elem, "PathElem", elem);
static const struct wire_nested path[] = { { 3, true, &gnmi_type_elem } };
TYPE(path, "Path", path);
static const struct wire_nested array[] = { { 1, true, &gnmi_type_value } };
TYPE(array, "ScalarArray", array);
static const struct wire_nested value[] = { { 7, false, &gnmi_type_decimal },
					    { 8, false, &gnmi_type_array } };
TYPE(value, "TypedValue", value);
static const struct wire_nested update[] = { { 1, false, &gnmi_type_path },
					     { 3, false, &gnmi_type_value } };
TYPE(update, "Update", update);
static const struct wire_nested notification[] = { { 2, false, &gnmi_type_path },
						   { 4, true, &gnmi_type_update },
						   { 5, true, &gnmi_type_path } };
TYPE(notification, "Notification", notification);
static const struct wire_nested subscription[] = { { 1, false, &gnmi_type_path } };
TYPE(subscription, "Subscription", subscription);
static const struct wire_nested list[] = { { 1, false, &gnmi_type_path },
					   { 2, true, &gnmi_type_subscription },
					   { 7, true, &gnmi_type_model } };
TYPE(list, "SubscriptionList", list);
static const struct wire_nested subscribe_request[] = { { 1, false, &gnmi_type_list },
							{ 3, false, &gnmi_type_poll } };
TYPE(subscribe_request, "SubscribeRequest", subscribe_request);
static const struct wire_nested subscribe_response[] = { { 1, false, &gnmi_type_notification } };
TYPE(subscribe_response, "SubscribeResponse", subscribe_response);
static const struct wire_nested capability_response[] = { { 1, true, &gnmi_type_model } };
TYPE(capability_response, "CapabilityResponse", capability_response);
static const struct wire_nested get_request[] = { { 1, false, &gnmi_type_path },
						  { 2, true, &gnmi_type_path },
						  { 6, true, &gnmi_type_model } };
TYPE(get_request, "GetRequest", get_request);
static const struct wire_nested get_response[] = { { 1, true, &gnmi_type_notification } };
TYPE(get_response, "GetResponse", get_response);
static const struct wire_nested set_request[] = { { 1, false, &gnmi_type_path },
						  { 2, true, &gnmi_type_path },
						  { 3, true, &gnmi_type_update },
						  { 4, true, &gnmi_type_update } };
TYPE(set_request, "SetRequest", set_request);
static const struct wire_nested result[] = { { 2, false, &gnmi_type_path } };
TYPE(result, "UpdateResult", result);
static const struct wire_nested set_response[] = { { 1, false, &gnmi_type_path },
						   { 2, true, &gnmi_type_result } };
TYPE(set_response, "SetResponse", set_response);

/* What one message may take in all; what it gives back in between is not counted off. */
struct purse {
	size_t left;
	bool spent, failed;
};

static void *
purse_alloc(void *ctx, size_t size)
{
	struct purse *purse = ctx;
	void *out;

	if (size > purse->left) {
		purse->spent = true;
		return NULL;
	}
	purse->left -= size;
	out = malloc(size);
	purse->failed = purse->failed || !out;
	return out;
}

static void
purse_free(void *ctx, void *block)
{
	(void)ctx;
	free(block);
}

enum pce_status
gnmi_message_read(const ProtobufCMessageDescriptor *descriptor, const struct wire_message *type,
		  const void *bytes, size_t len, ProtobufCMessage **out, struct pce_error *err)
{
	struct purse purse = { .left = len * WIRE_MEMORY_FACTOR + 1024 };
	ProtobufCAllocator allocator = { purse_alloc, purse_free, &purse };
	ProtobufCMessage *message;
	enum pce_status status;

	if (len > WIRE_MESSAGE_MAX)
		return pce_fail(err, PCE_LIMIT, "a %s has %zu octets", type->name, len);
	if (purse.left > WIRE_MEMORY_MAX)
		purse.left = WIRE_MEMORY_MAX;
	status = wire_check(type, bytes, len, err);
	if (status)
		return status;
	message = protobuf_c_message_unpack(descriptor, &allocator, len, bytes);
	if (message) {
		*out = message;
		return PCE_OK;
	}
	if (purse.failed)
		return pce_no_memory(err);
	if (purse.spent)
		return pce_fail(err, PCE_LIMIT, "a %s of %zu octets takes too much memory",
				type->name, len);
	return pce_fail(err, PCE_MALFORMED, "a %s is malformed", type->name);
}

void
gnmi_message_free(ProtobufCMessage *message)
{
	ProtobufCAllocator allocator = { purse_alloc, purse_free, NULL };

	if (message)
		protobuf_c_message_free_unpacked(message, &allocator);
}
