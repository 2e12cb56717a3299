#include "pce/segment/list.h"

#include <stdlib.h>

void
segment_list_free(struct segment_list *list)
{
	if (!list)
		return;
	free(list->segments);
	free(list->csids);
	free(list->branches);
	*list = (struct segment_list){ 0 };
}
