noinst_LIBRARIES += pce/path/libpath.a
pce_path_libpath_a_SOURCES = \
	pce/path/alternatives.c pce/path/alternatives.h \
	pce/path/answer.c pce/path/answer.h \
	pce/path/astar.c pce/path/astar.h \
	pce/path/available.c pce/path/available.h \
	pce/path/balls.c pce/path/balls.h \
	pce/path/batch.c pce/path/batch.h \
	pce/path/bidirectional.c pce/path/bidirectional.h \
	pce/path/bounded.c pce/path/bounded.h \
	pce/path/branch.c pce/path/branch.h \
	pce/path/classes.c pce/path/classes.h \
	pce/path/candidates.c pce/path/candidates.h \
	pce/path/common.c pce/path/common.h \
	pce/path/choice.c pce/path/choice.h pce/path/choice_text.c \
	pce/path/constraint.c pce/path/constraint.h \
	pce/path/corouted.c pce/path/corouted.h \
	pce/path/cost.c pce/path/cost.h \
	pce/path/cut.c pce/path/cut.h \
	pce/path/descent.c pce/path/descent.h \
	pce/path/direct.c pce/path/direct.h \
	pce/path/disjoint.c pce/path/disjoint.h \
	pce/path/distances.c pce/path/distances.h \
	pce/path/elimination.c pce/path/elimination.h \
	pce/path/engine.c pce/path/engine.h \
	pce/path/explain.c pce/path/explain.h pce/path/explain_internal.h \
	pce/path/explain_probe.c pce/path/explain_text.c \
	pce/path/filter.c pce/path/filter.h \
	pce/path/forest.c pce/path/forest.h \
	pce/path/graph.c pce/path/graph.h \
	pce/path/guide.c pce/path/guide.h \
	pce/path/hierarchy.c pce/path/hierarchy.h \
	pce/path/graph_internal.h pce/path/groups.c \
	pce/path/guarantee.c pce/path/guarantee.h \
	pce/path/intern.c pce/path/intern.h \
	pce/path/pairs.c pce/path/pairs.h \
	pce/path/like.c pce/path/like.h \
	pce/path/packed_heap.h \
	pce/path/packing.c pce/path/packing.h \
	pce/path/path.h \
	pce/path/potential.c pce/path/potential.h \
	pce/path/pattern.c pce/path/pattern.h \
	pce/path/queue.c pce/path/queue.h \
	pce/path/report.h \
	pce/path/request.h \
	pce/path/reserve.c pce/path/reserve.h \
	pce/path/residual.c pce/path/residual.h \
	pce/path/rows.c pce/path/rows.h \
	pce/path/scalar.c pce/path/scalar.h \
	pce/path/search.c pce/path/search.h \
	pce/path/shape.c \
	pce/path/steps.c pce/path/steps.h \
	pce/path/single.c pce/path/single.h \
	pce/path/shortfall.c pce/path/shortfall.h \
	pce/path/spf.c pce/path/spf.h \
	pce/path/straight.c pce/path/straight.h \
	pce/path/study.c pce/path/study.h \
	pce/path/suurballe.c pce/path/suurballe.h \
	pce/path/validate.c \
	pce/path/validate_answer.c \
	pce/path/tree.c pce/path/tree.h pce/path/tree_internal.h \
	pce/path/tree_sweep.c pce/path/tree_sweep.h \
	pce/path/unfold.c pce/path/unfold.h pce/path/unfold_risks.c \
	pce/path/validate_guarantee.c pce/path/validate_guarantee.h \
	pce/path/sweep.c pce/path/sweep.h \
	pce/path/via.c pce/path/via.h \
	pce/path/vicinity.c pce/path/vicinity.h \
	pce/path/walks.c pce/path/walks.h \
	pce/path/weights.c pce/path/weights.h \
	pce/path/widest.c pce/path/widest.h

# The engine that validates every answer: put before libpath.a, from which it takes the rest.
check_LIBRARIES += pce/path/libpath_debug.a
pce_path_libpath_debug_a_SOURCES = pce/path/engine.c
pce_path_libpath_debug_a_CPPFLAGS = $(AM_CPPFLAGS) -DPATH_DEBUG
