//go:build modules

// Package istioctl pins what the cluster tests take of Istio and of the Gateway API: istioctl, built by
// `go build istio.io/istio/istioctl/cmd/istioctl`, and the modules that hold the CRDs.
package istioctl

import (
	_ "istio.io/api/annotation"
	_ "istio.io/istio/istioctl/cmd/istioctl"
	_ "sigs.k8s.io/gateway-api/pkg/consts"
)
