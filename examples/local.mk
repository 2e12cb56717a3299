EXTRA_DIST += \
	examples/guangxi/README.md \
	examples/guangxi/generate.py \
	examples/guangxi/intents.yaml \
	examples/guangxi/sites.csv \
	examples/guangxi/topology.yaml \
	examples/profiles/acme.yaml \
	examples/profiles/yang/acme-instances.yang \
	examples/profiles/yang/acme-srte.yang \
	examples/triangle/README.md \
	examples/triangle/intents.yaml \
	examples/triangle/topology.yaml
