dist_check_SCRIPTS += tests/models/check-yang

check_PROGRAMS += tests/models/test_topology
codec_test_libs = models/codec/libcodec.a pce/base/libbase.a $(LIBYANG_LIBS) $(LIBFYAML_LIBS) \
	$(CHECK_LIBS)
tests_models_test_topology_SOURCES = tests/models/test_topology.c tests/models/codec_fixture.h tests/models/random.h tests/models/random_topology.h \
	tests/support/suite.h
tests_models_test_topology_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_models_test_topology_LDADD = $(codec_test_libs)

check_PROGRAMS += tests/models/test_codec
tests_models_test_codec_SOURCES = tests/models/test_codec.c tests/models/codec_fixture.h tests/models/random.h tests/models/random_intent.h \
	tests/support/suite.h
tests_models_test_codec_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_models_test_codec_LDADD = $(codec_test_libs) -lpthread

check_PROGRAMS += tests/models/test_import
tests_models_test_import_SOURCES = tests/models/test_import.c tests/models/codec_fixture.h \
	tests/support/suite.h tests/support/temporary.h
tests_models_test_import_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_models_test_import_LDADD = models/import/libimport.a models/codec/libcodec.a \
	pce/ted/libted.a pce/base/libbase.a $(LIBYANG_LIBS) $(LIBFYAML_LIBS) $(LIBXML2_LIBS) \
	$(CHECK_LIBS)

check_PROGRAMS += tests/models/test_formats
tests_models_test_formats_SOURCES = tests/models/test_formats.c tests/models/codec_fixture.h \
	tests/support/suite.h
tests_models_test_formats_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_models_test_formats_LDADD = $(tests_models_test_import_LDADD)

check_PROGRAMS += tests/models/test_export
tests_models_test_export_SOURCES = tests/models/test_export.c tests/models/codec_fixture.h \
	tests/models/random.h tests/models/random_topology.h tests/support/suite.h
tests_models_test_export_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_models_test_export_LDADD = $(tests_models_test_import_LDADD)

check_PROGRAMS += tests/models/test_analyse
tests_models_test_analyse_SOURCES = tests/models/test_analyse.c tests/models/codec_fixture.h \
	tests/support/suite.h
tests_models_test_analyse_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_models_test_analyse_LDADD = $(tests_models_test_import_LDADD) $(IGRAPH_LIBS) -lm

check_PROGRAMS += tests/models/test_config
tests_models_test_config_SOURCES = tests/models/test_config.c tests/models/codec_fixture.h tests/models/random.h \
	tests/support/suite.h
tests_models_test_config_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_models_test_config_LDADD = $(codec_test_libs)

check_PROGRAMS += tests/models/test_answers
tests_models_test_answers_SOURCES = tests/models/test_answers.c tests/models/codec_fixture.h tests/models/random.h tests/models/random_intent.h \
	tests/support/suite.h
tests_models_test_answers_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_models_test_answers_LDADD = $(codec_test_libs)

check_PROGRAMS += tests/models/test_memory
tests_models_test_memory_SOURCES = tests/models/test_memory.c $(FAILING_SOURCES)
tests_models_test_memory_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_models_test_memory_LDADD = $(tests_models_test_import_LDADD) $(IGRAPH_LIBS)
tests_models_test_memory_LDFLAGS = $(FAILING_LINK)

# Bugs that ./dev mutants plants; each has to make one of these tests fail.
EXTRA_DIST += tests/mutants/models-analyse-label-at-one-end.patch \
	tests/mutants/models-analyse-link-in-two-fibres.patch \
	tests/mutants/models-analyse-overload-carries-transit.patch \
	tests/mutants/models-analyse-pair-counted-at-its-end.patch \
	tests/mutants/models-analyse-pieces-of-all-islands.patch \
	tests/mutants/models-analyse-pruned-by-lower-bound.patch \
	tests/mutants/models-analyse-risk-of-one-direction.patch \
	tests/mutants/models-check-one-way-not-seen.patch \
	tests/mutants/models-csv-quote-not-doubled.patch \
	tests/mutants/models-delay-rounded-down.patch \
	tests/mutants/models-gml-repeated-key-dropped.patch \
	tests/mutants/models-graphml-pair-not-compared.patch \
	tests/mutants/models-line-of-made-json.patch \
	tests/mutants/models-made-name-takes-an-id.patch \
	tests/mutants/models-repetita-bit-for-kbit.patch \
	tests/mutants/models-reverse-blanks-taken-off.patch \
	tests/mutants/models-rfc8345-groups-turned-round.patch \
	tests/mutants/models-rfc8345-pair-without-points.patch \
	tests/mutants/models-sndlib-smallest-module.patch \
	tests/mutants/models-share-forgets-its-rate.patch
