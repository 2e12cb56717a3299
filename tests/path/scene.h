/* Networks of some hundred nodes with many ties, that change all the time, with two engines: one
 * that may use a hierarchy and one that may not. */
#ifndef TESTS_PATH_SCENE_H
#define TESTS_PATH_SCENE_H

#include "pce/path/engine.h"
#include "tests/support/suite.h"
#include "tests/ted/net.h"

#define SCENE_CORES 6
#define SCENE_REGION 20
#define SCENE_NODES (SCENE_CORES * SCENE_REGION)
#define SCENE_LINKS (SCENE_NODES * 4)

struct scene {
	uint64_t state;
	struct ted *ted;
	struct path_engine *guided, *plain;
	struct ted_delta links[SCENE_LINKS];
	uint32_t affinity[SCENE_LINKS], srlg[SCENE_LINKS];
	struct ted_link_key reverse[SCENE_LINKS];
	uint32_t m;
	uint32_t words[1];
	uint32_t least; /* of metrics: 0, and 1 in every other scene */
	bool risky; /* links and nodes fail now and then */
};

/* Regions behind a ring of cores, every node homed to two earlier ones of its region. */
void scene_draw(struct scene *s, unsigned seed);
void scene_draw_risky(struct scene *s, unsigned seed);
void scene_free(struct scene *s);

/* Changes some links: metrics mostly, else the bandwidth. Both engines take it in. */
void scene_change(struct scene *s);

/* A single route by a plain sum, with or without filters. */
struct path_request scene_request(struct scene *s);

#endif
