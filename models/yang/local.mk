dist_karst_yang_DATA = \
	models/yang/karst-config.yang \
	models/yang/karst-device.yang \
	models/yang/karst-events.yang \
	models/yang/karst-intent.yang \
	models/yang/karst-operations.yang \
	models/yang/karst-path.yang \
	models/yang/karst-policy.yang \
	models/yang/karst-profile.yang \
	models/yang/karst-record.yang \
	models/yang/karst-telemetry.yang \
	models/yang/karst-topology.yang \
	models/yang/karst-types.yang
