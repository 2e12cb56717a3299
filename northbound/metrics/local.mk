noinst_LIBRARIES += northbound/metrics/libmetrics.a
northbound_metrics_libmetrics_a_SOURCES = northbound/metrics/metrics.c northbound/metrics/metrics.h
