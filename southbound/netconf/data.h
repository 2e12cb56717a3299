/* What a router answered in XML, as a tree for a profile to understand. */
#ifndef SOUTHBOUND_NETCONF_DATA_H
#define SOUTHBOUND_NETCONF_DATA_H

#include "southbound/profile/tree.h"

/*
 * Reads a row of elements (the content of a <data>) into an empty tree. Elements of namespaces that
 * the table does not list are passed over with all that is in them. PCE_MALFORMED for what is not
 * well-formed, PCE_LIMIT for too much; the tree may then hold a part.
 */
enum pce_status netconf_data_read(struct data_tree *tree, const struct profile_table *table,
				  const char *xml, size_t len, struct pce_error *err);

#endif
