package main

import (
	"encoding/json"
	"fmt"
	"strings"

	corev1 "k8s.io/api/core/v1"
	discoveryv1 "k8s.io/api/discovery/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/util/intstr"

	"istio.io/istio/pilot/pkg/config/kube/crd"
	"istio.io/istio/pilot/pkg/model"
	"istio.io/istio/pilot/test/xds"
	"istio.io/istio/pkg/config/mesh"
	"istio.io/istio/pkg/kube"
	"istio.io/istio/pkg/test"
)

const proxyVersion = "1.31.0"

// controlPlane is an istiod that was given the objects of one world.
type controlPlane struct {
	*xds.FakeDiscoveryServer
	t        test.Failer
	pods     map[podName]*corev1.Pod
	services map[podName]*corev1.Service
	proxies  map[podName]*model.Proxy
	sidecars map[podName]*sidecar
}

func newControlPlane(t test.Failer, asked world) *controlPlane {
	p := &controlPlane{t: t, pods: map[podName]*corev1.Pod{}, services: map[podName]*corev1.Service{},
		proxies: map[podName]*model.Proxy{}, sidecars: map[podName]*sidecar{}}
	var objects []runtime.Object
	var configs []string
	for _, raw := range asked.Objects {
		object, _, err := kube.IstioCodec.UniversalDeserializer().Decode(raw, nil, nil)
		if err != nil {
			t.Fatalf("%v: %s", err, raw)
		}
		objects = append(objects, object)
		switch typed := object.(type) {
		case *corev1.Pod:
			p.pods[podName{typed.Namespace, typed.Name}] = typed
		case *corev1.Service:
			p.services[podName{typed.Namespace, typed.Name}] = typed
		default:
			if group := object.GetObjectKind().GroupVersionKind().Group; strings.HasSuffix(group, "istio.io") {
				configs = append(configs, string(raw))
			}
		}
	}
	for _, service := range p.services {
		objects = append(objects, p.endpointSlice(service))
	}
	config, err := mesh.ApplyMeshConfigDefaults(string(asked.MeshConfig))
	if err != nil {
		t.Fatal(err)
	}
	parsed, _, err := crd.ParseInputs(strings.Join(configs, "\n---\n"))
	if err != nil {
		t.Fatal(err)
	}
	for i := range parsed {
		parsed[i].Domain = "cluster.local"
	}
	p.FakeDiscoveryServer = xds.NewFakeDiscoveryServer(t, xds.FakeOptions{
		KubernetesObjects: objects,
		Configs:           parsed,
		MeshConfig:        config,
	})
	return p
}

// endpointSlice is what the cluster's own controller would write.
func (p *controlPlane) endpointSlice(service *corev1.Service) runtime.Object {
	slice := &discoveryv1.EndpointSlice{
		ObjectMeta: metav1.ObjectMeta{
			Name: service.Name + "-1", Namespace: service.Namespace,
			Labels: map[string]string{discoveryv1.LabelServiceName: service.Name},
		},
		AddressType: discoveryv1.AddressTypeIPv4,
	}
	ready, selector := true, labels.SelectorFromSet(service.Spec.Selector)
	for _, pod := range p.pods {
		if pod.Namespace != service.Namespace || !selector.Matches(labels.Set(pod.Labels)) {
			continue
		}
		slice.Endpoints = append(slice.Endpoints, discoveryv1.Endpoint{
			Addresses:  []string{pod.Status.PodIP},
			Conditions: discoveryv1.EndpointConditions{Ready: &ready},
			TargetRef:  &corev1.ObjectReference{Kind: "Pod", Name: pod.Name, Namespace: pod.Namespace},
		})
	}
	for _, port := range service.Spec.Ports {
		if port.TargetPort.Type != intstr.Int {
			p.t.Fatalf("%s: only numbers are target ports here", service.Name)
		}
		slice.Ports = append(slice.Ports, discoveryv1.EndpointPort{
			Name: &port.Name, Port: &port.TargetPort.IntVal, AppProtocol: port.AppProtocol,
		})
	}
	return slice
}

func (p *controlPlane) pod(name podName) *corev1.Pod {
	pod := p.pods[name]
	if pod == nil {
		p.t.Fatalf("no pod %v", name)
	}
	return pod
}

// proxy is the sidecar of a pod as istiod knows it; nil where the pod has none.
func (p *controlPlane) proxy(name podName) *model.Proxy {
	pod := p.pod(name)
	if !hasContainer(pod, "istio-proxy") {
		return nil
	}
	if p.proxies[name] == nil {
		p.proxies[name] = p.SetupProxy(&model.Proxy{
			ID:              fmt.Sprintf("%s.%s", pod.Name, pod.Namespace),
			ConfigNamespace: pod.Namespace,
			IPAddresses:     []string{pod.Status.PodIP},
			Labels:          pod.Labels,
			Metadata: &model.NodeMetadata{
				Namespace: pod.Namespace, Labels: pod.Labels, ServiceAccount: pod.Spec.ServiceAccountName,
				IstioVersion: proxyVersion, ClusterID: "Kubernetes", InterceptionMode: model.InterceptionRedirect,
			},
		})
	}
	return p.proxies[name]
}

func hasContainer(pod *corev1.Pod, name string) bool {
	for _, container := range pod.Spec.Containers {
		if container.Name == name {
			return true
		}
	}
	return false
}

func (p *controlPlane) identityOf(name podName) string {
	domain := p.Env().Mesh().GetTrustDomain()
	return fmt.Sprintf("spiffe://%s/ns/%s/sa/%s", domain, name.Namespace, p.pod(name).Spec.ServiceAccountName)
}

func asJSON(value any) string {
	text, _ := json.Marshal(value)
	return string(text)
}
