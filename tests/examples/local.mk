dist_check_SCRIPTS += tests/examples/check-generated

check_PROGRAMS += tests/examples/test_examples
tests_examples_test_examples_SOURCES = tests/examples/test_examples.c tests/support/suite.h
tests_examples_test_examples_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_examples_test_examples_LDADD = models/import/libimport.a models/codec/libcodec.a pce/policy/libpolicy.a \
	pce/segment/libsegment.a pce/path/libpath_debug.a pce/path/libpath.a pce/ted/libted.a pce/base/libbase.a \
	$(LIBXML2_LIBS) $(LIBYANG_LIBS) $(LIBFYAML_LIBS) $(CHECK_LIBS)
