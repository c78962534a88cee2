package main

import (
	"net/netip"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"

	"istio.io/istio/pkg/util/sets"
	"istio.io/istio/pkg/workloadapi"
	"istio.io/istio/pkg/workloadapi/security"
)

func isAmbient(pod *corev1.Pod) bool {
	return pod.Annotations["ambient.istio.io/redirection"] == "enabled"
}

// sendThroughZtunnel: ztunnel sends HBONE to those that take it, and passes on everything else.
// https://github.com/istio/ztunnel src/proxy/outbound.rs, build_request
func (p *controlPlane) sendThroughZtunnel(c call) way {
	server := p.workload(c.Server)
	if server.GetWaypoint() != nil {
		p.t.Fatalf("waypoints are not followed")
	}
	if server.GetTunnelProtocol() == workloadapi.TunnelProtocol_HBONE {
		return way{wire: "hbone", identity: p.identityOf(c.Client), why: []string{"ztunnel, HBONE"}}
	}
	return way{wire: "plaintext", why: []string{"ztunnel, to a server without HBONE"}}
}

func (p *controlPlane) workload(name podName) *workloadapi.Workload {
	found, _ := p.AmbientIndex.AddressInformation(sets.New("Kubernetes//Pod/" + name.Namespace + "/" + name.Name))
	for _, one := range found {
		if workload := one.GetWorkload(); workload != nil {
			return workload
		}
	}
	p.t.Fatalf("the ambient index does not know pod %v", name)
	return nil
}

// receiveByZtunnel: it ends HBONE, hands on what is not HBONE as it is, and asks its policies about both.
func (p *controlPlane) receiveByZtunnel(c call, sent way) answer {
	isReadable := sent.wire == "hbone" || sent.isReadable()
	identity := sent.identity
	if sent.wire != "hbone" {
		identity = ""
	}
	accepted, allowed, why := p.zAssert(c, identity)
	return answer{Accepted: isReadable && accepted, Allowed: allowed, Why: why}
}

// zAssert is assert_rbac of https://github.com/istio/ztunnel src/state.rs. What istiod made of a PeerAuthentication says
// whether the connection is accepted, what it made of an AuthorizationPolicy whether it is allowed.
func (p *controlPlane) zAssert(c call, identity string) (accepted, allowed bool, why []string) {
	workload := p.workload(c.Server)
	accepted, allows, isNamed, isDenied := true, 0, false, false
	for _, policy := range p.AmbientIndex.Policies(nil) {
		config := policy.Authorization
		if !attaches(config, workload) || config.GetDryRun() {
			continue
		}
		matched := p.zMatches(config, c, identity)
		if matched {
			why = append(why, "ztunnel: "+config.GetAction().String()+" "+config.GetName())
		}
		switch {
		case strings.Contains(config.GetName(), "_"):
			accepted = accepted && !matched
		case config.GetAction() == security.Action_DENY:
			isDenied = isDenied || matched
		default:
			allows++
			isNamed = isNamed || matched
		}
	}
	return accepted, !isDenied && (allows == 0 || isNamed), why
}

func attaches(config *security.Authorization, workload *workloadapi.Workload) bool {
	switch config.GetScope() {
	case security.Scope_GLOBAL:
		return true
	case security.Scope_NAMESPACE:
		return config.GetNamespace() == workload.GetNamespace()
	default:
		return slices.Contains(workload.GetAuthorizationPolicies(), config.GetNamespace()+"/"+config.GetName())
	}
}

// zMatches is Authorization::matches of https://github.com/istio/ztunnel src/rbac.rs.
func (p *controlPlane) zMatches(config *security.Authorization, c call, identity string) bool {
	return slices.ContainsFunc(config.GetGroups(), func(group *security.Group) bool {
		return !slices.ContainsFunc(group.GetRules(), func(clause *security.Rules) bool {
			return len(clause.GetMatches()) > 0 && !slices.ContainsFunc(clause.GetMatches(), func(match *security.Match) bool {
				return p.zMatch(match, c, identity)
			})
		})
	})
}

func (p *controlPlane) zMatch(m *security.Match, c call, identity string) bool {
	if len(m.String()) == 0 {
		return false
	}
	namespace, account := "", ""
	if parts := strings.Split(identity, "/"); len(parts) == 7 {
		namespace, account = parts[4], parts[6]
	}
	principal, isSpiffe := strings.CutPrefix(identity, "spiffe://")
	isPrincipal := func(one *security.StringMatch) bool { return isSpiffe && zString(one, principal) }
	isNamespace := func(one *security.StringMatch) bool { return zString(one, namespace) }
	isAccount := func(one *security.ServiceAccountMatch) bool {
		return identity != "" && one.GetNamespace() == namespace && one.GetServiceAccount() == account
	}
	isPort := func(one uint32) bool { return one == c.TargetPort }
	return both(m.GetPrincipals(), m.GetNotPrincipals(), isPrincipal) &&
		both(m.GetNamespaces(), m.GetNotNamespaces(), isNamespace) &&
		both(m.GetServiceAccounts(), m.GetNotServiceAccounts(), isAccount) &&
		both(m.GetDestinationPorts(), m.GetNotDestinationPorts(), isPort) &&
		both(m.GetSourceIps(), m.GetNotSourceIps(), zHolds(p.pod(c.Client).Status.PodIP)) &&
		both(m.GetDestinationIps(), m.GetNotDestinationIps(), zHolds(p.pod(c.Server).Status.PodIP))
}

func both[T any](positive, negative []T, test func(T) bool) bool {
	return (len(positive) == 0 || slices.ContainsFunc(positive, test)) && !slices.ContainsFunc(negative, test)
}

func zString(match *security.StringMatch, value string) bool {
	switch pattern := match.GetMatchType().(type) {
	case *security.StringMatch_Exact:
		return value == pattern.Exact
	case *security.StringMatch_Prefix:
		return strings.HasPrefix(value, pattern.Prefix)
	case *security.StringMatch_Suffix:
		return strings.HasSuffix(value, pattern.Suffix)
	default:
		return value != ""
	}
}

func zHolds(address string) func(*security.Address) bool {
	return func(block *security.Address) bool {
		start, ok := netip.AddrFromSlice(block.GetAddress())
		ip, err := netip.ParseAddr(address)
		return ok && err == nil && netip.PrefixFrom(start, int(block.GetLength())).Contains(ip)
	}
}
