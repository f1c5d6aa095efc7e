//! `envoy/gateway.yaml` as it stands, in Envoy: only who signs tokens and where providers are is the test's.

// The lints against panics are for code that runs behind a proxy.
#![allow(clippy::indexing_slicing, clippy::unwrap_used, clippy::expect_used, clippy::panic)]
#![allow(clippy::arithmetic_side_effects, clippy::disallowed_methods, missing_docs)]

mod bodies;
mod edge;
mod policy;
mod regions;
mod world;

use world::Gateway;

/// One gateway for all that changes nothing of it: to start one compiles five modules.
#[test]
fn the_gateway_as_it_stands() {
    let gateway = Gateway::start();
    regions::a_tenants_requests_reach_its_region_alone_with_the_regions_credential(&gateway);
    regions::a_provider_is_asked_by_its_own_name_and_told_nothing_of_the_caller(&gateway);
    edge::every_answer_has_the_headers_that_browsers_need(&gateway);
    edge::strangers_do_not_use_up_what_probes_need(&gateway);
    edge::a_page_of_another_site_can_neither_read_nor_act(&gateway);
    edge::who_has_no_certificate_of_ours_does_not_reach_http(&gateway);
    edge::tls_below_1_3_is_refused(&gateway);
    edge::who_scrapes_sees_metrics_alone(&gateway);
    policy::who_trains_may_train_and_nobody_else(&gateway);
    policy::members_that_no_api_documents_are_refused(&gateway);
    policy::a_chat_may_name_addresses_of_known_hosts_alone(&gateway);
    bodies::a_body_in_a_coding_is_read(&gateway);
    bodies::a_bomb_is_not_unpacked(&gateway);
    bodies::who_holds_many_requests_open_gets_no_more(&gateway);
}
