# A Zendesk ticket.
def cut(n): if length > n then .[0:n - 1] + "…" else . end;
def line: cut(500) | gsub("[\\r\\n]+"; " ");
# Tags are words: small letters, digits, _ and -.
def tag: ascii_downcase | gsub("[^a-z0-9_-]+"; "_") | .[0:80];
def named(name): strings | select(. != "") | "\(name): \(.)";

# What is said of a storm: many alerts in one.
def one: [
    "\(.response.score)/10",
    (.response.customer | .name // .email // .id // "-" | line),
    (.response.comment | strings | select(. != "") | line)
  ] | join("  ");
def storm:
  {
    ticket: {
      subject: "NPS: \(.storm.count) more alerts",
      comment: {
        public: false,
        body: ([
          (.storm | "\(.count) alerts from \(.from) to \(.until)"),
          "",
          (.storm.first[] | one),
          (.storm | select(.more > 0) | "... and \(.more) more"),
          "",
          (.storm | .links.page // .command)
        ] | join("\n") | cut(30000))
      },
      tags: ["nps", "nps_storm"],
      external_id: .delivery.id
    }
  };

if .storm != null then storm else
.response as $r
| ($r.customer // {}) as $customer
| ([$customer.name, $customer.email, $customer.id] | map(strings | select(. != ""))
   | .[0] // "a customer" | line) as $who
| {
    ticket: ({
      subject: ("NPS \($r.score)/10 from \($who)" | cut(150)),
      comment: {
        public: false,
        body: ([
          ($r.comment | strings | select(. != "")) // "(no comment)",
          "",
          "Score: \($r.score)/10 (\(.category))",
          (.previous.score | numbers | "Before: \(.)/10"),
          ($r.survey | named("Survey")),
          ($r.answered_at | named("Answered")),
          ($r.account.name | named("Account")),
          ($customer.phone | named("Phone"))
        ] | join("\n") | cut(30000))
      },
      tags: (["nps", "nps_\(.category)", ($r.survey | strings | tag)] | unique),
      external_id: .delivery.id
    } + (if ($customer.email // "") != "" then
        {requester: {email: $customer.email,
                     name: (($customer.name | strings | select(. != ""))
                            // $customer.email | line | cut(255))}}
      else {} end))
  }
end
