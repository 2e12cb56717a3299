noinst_LIBRARIES += pce/plan/libplan.a
pce_plan_libplan_a_SOURCES = pce/plan/whatif.c pce/plan/whatif.h
