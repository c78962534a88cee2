package main

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	rbacpb "github.com/envoyproxy/go-control-plane/envoy/config/rbac/v3"
	routepb "github.com/envoyproxy/go-control-plane/envoy/config/route/v3"
	templatepb "github.com/envoyproxy/go-control-plane/envoy/extensions/path/match/uri_template/v3"
	matcherpb "github.com/envoyproxy/go-control-plane/envoy/type/matcher/v3"
)

// request is what Envoy's RBAC engine is asked about.
type request struct {
	call
	sent               way
	clientIP, serverIP string
}

// A policy matches where one of its permissions and one of its principals do.
func (r request) matchesPolicy(policy *rbacpb.Policy) bool {
	return slices.ContainsFunc(policy.Permissions, r.permitted) && slices.ContainsFunc(policy.Principals, r.isPrincipal)
}

func (r request) permitted(permission *rbacpb.Permission) bool {
	switch rule := permission.Rule.(type) {
	case *rbacpb.Permission_Any:
		return rule.Any
	case *rbacpb.Permission_AndRules:
		return !slices.ContainsFunc(rule.AndRules.Rules, func(one *rbacpb.Permission) bool { return !r.permitted(one) })
	case *rbacpb.Permission_OrRules:
		return slices.ContainsFunc(rule.OrRules.Rules, r.permitted)
	case *rbacpb.Permission_NotRule:
		return !r.permitted(rule.NotRule)
	case *rbacpb.Permission_DestinationPort:
		return rule.DestinationPort == r.TargetPort
	case *rbacpb.Permission_DestinationIp:
		return within(r.serverIP)(rule.DestinationIp)
	case *rbacpb.Permission_Header:
		return r.hasHeader(rule.Header)
	case *rbacpb.Permission_UrlPath:
		return matches(rule.UrlPath.GetPath(), r.Path)
	case *rbacpb.Permission_UriTemplate:
		template := &templatepb.UriTemplateMatchConfig{}
		if err := rule.UriTemplate.GetTypedConfig().UnmarshalTo(template); err != nil {
			panic(err)
		}
		return matchesTemplate(template.GetPathTemplate(), r.Path)
	}
	panic(fmt.Sprintf("permission %T", permission.Rule))
}

func (r request) isPrincipal(principal *rbacpb.Principal) bool {
	switch rule := principal.Identifier.(type) {
	case *rbacpb.Principal_Any:
		return rule.Any
	case *rbacpb.Principal_AndIds:
		return !slices.ContainsFunc(rule.AndIds.Ids, func(one *rbacpb.Principal) bool { return !r.isPrincipal(one) })
	case *rbacpb.Principal_OrIds:
		return slices.ContainsFunc(rule.OrIds.Ids, r.isPrincipal)
	case *rbacpb.Principal_NotId:
		return !r.isPrincipal(rule.NotId)
	case *rbacpb.Principal_Authenticated_:
		return r.sent.identity != "" && matches(rule.Authenticated.GetPrincipalName(), r.sent.identity)
	case *rbacpb.Principal_FilterState:
		return r.sent.identity != "" && matches(rule.FilterState.GetStringMatch(), r.sent.identity)
	case *rbacpb.Principal_DirectRemoteIp:
		return within(r.clientIP)(rule.DirectRemoteIp)
	case *rbacpb.Principal_RemoteIp:
		return within(r.clientIP)(rule.RemoteIp)
	case *rbacpb.Principal_Header:
		return r.hasHeader(rule.Header)
	case *rbacpb.Principal_Metadata:
		return false // No request here carries a token.
	}
	panic(fmt.Sprintf("principal %T", principal.Identifier))
}

func (r request) hasHeader(matcher *routepb.HeaderMatcher) bool {
	value, isThere := map[string]string{":method": r.Method, ":path": r.Path}[matcher.GetName()]
	switch matcher.HeaderMatchSpecifier.(type) {
	case *routepb.HeaderMatcher_PresentMatch:
		return isThere
	case *routepb.HeaderMatcher_StringMatch:
		return isThere && matches(matcher.GetStringMatch(), value)
	}
	panic(fmt.Sprintf("header matcher %v", matcher))
}

func matches(matcher *matcherpb.StringMatcher, value string) bool {
	switch pattern := matcher.GetMatchPattern().(type) {
	case *matcherpb.StringMatcher_Exact:
		return value == pattern.Exact
	case *matcherpb.StringMatcher_Prefix:
		return strings.HasPrefix(value, pattern.Prefix)
	case *matcherpb.StringMatcher_Suffix:
		return strings.HasSuffix(value, pattern.Suffix)
	case *matcherpb.StringMatcher_SafeRegex:
		return regexp.MustCompile("^(?:" + pattern.SafeRegex.Regex + ")$").MatchString(value)
	case nil:
		return true
	}
	panic(fmt.Sprintf("string matcher %v", matcher))
}

// matchesTemplate knows the two operators that Istio allows: `*` is one segment and `**` any number of them.
func matchesTemplate(template, path string) bool {
	quoted := regexp.QuoteMeta(template)
	quoted = strings.ReplaceAll(quoted, `\*\*`, `.*`)
	quoted = strings.ReplaceAll(quoted, `\*`, `[^/]+`)
	return regexp.MustCompile("^" + quoted + "$").MatchString(path)
}
