/** What a definition says of a column, each of its lines. */
import { contract } from "./line.ts";

contract("each line about columns holds", [
  {
    says: "a text alone is the source column",
    tables: "create table t (full_name text)",
    definition: "columns: { full_name: Full Name }",
    file: "Full Name,Other\nAnn,x\n",
    rows: ["(Ann)"],
    outcomes: "created",
  },
  {
    says: "of several sources, the first that is present counts",
    tables: "create table t (email text)",
    definition: "columns: { email: { from: [E-Mail, Email Address, email] } }",
    file: "email,Email Address\nwrong@x.example,right@x.example\n",
    rows: ["(right@x.example)"],
    outcomes: "created",
  },
  {
    says: "type email, required, and transform; all errors of a row, not just the first",
    tables: "create table t (email text, age int)",
    definition: `columns:
  email: { from: E-Mail, type: email, required: true, transform: [trim, lower] }
  age: { from: Age, type: integer, min: 0, max: 150 }`,
    file: "E-Mail,Age\n  ANN@X.example ,0\nann,151\n,x\nbob@x.example,150\n",
    rows: ["(ann@x.example,0)", "(bob@x.example,150)"],
    outcomes: "created failed failed created",
    errors: [
      "2 type email ann: The email field must be a valid email address.",
      "2 max age 151: The age field must be between 0 and 150.",
      "3 required email: The email field is required.",
      "3 type age x: The age field must be a whole number.",
    ],
  },
  {
    says: "dates have one of several formats",
    tables: "create table t (signup_date date)",
    definition: `columns:
  signup_date: { from: Signed up, type: date, format: ["yyyy-MM-dd", "dd.MM.yyyy"] }`,
    file: "Signed up\n2024-02-29\n29.02.2024\n30.02.2024\n02/29/2024\n",
    rows: ["(2024-02-29)", "(2024-02-29)"],
    outcomes: "created created failed failed",
    errors: [
      "3 type signup_date 30.02.2024: The signup_date field must be a date (yyyy-MM-dd or dd.MM.yyyy).",
      "4 type signup_date 02/29/2024: The signup_date field must be a date (yyyy-MM-dd or dd.MM.yyyy).",
    ],
  },
  {
    says: "decimal and thousands divide numbers",
    tables: "create table t (balance numeric)",
    definition:
      'columns: { balance: { from: Balance, type: numeric, decimal: ",", thousands: "." } }',
    file: 'Balance\n"1.234,50"\n"-7,0"\n1.5\n',
    rows: ["(-7.0)", "(1234.50)"],
    outcomes: "created created failed",
    errors: ["3 type balance 1.5: The balance field must be a number."],
  },
  {
    says: "words for yes and no",
    tables: "create table t (active boolean)",
    definition:
      "columns: { active: { from: Active, type: boolean, true: [yes, aktiv], false: [no, inaktiv] } }",
    file: "Active\nyes\naktiv\nno\ninaktiv\nmaybe\n",
    rows: ["(f)", "(f)", "(t)", "(t)"],
    outcomes: "created created created created failed",
    errors: [
      "5 type active maybe: The active field must be yes or no (yes, aktiv or no, inaktiv).",
    ],
  },
  {
    says: "one_of allows some texts, and a default is for those that are missing",
    tables: "create table t (plan text)",
    definition: "columns: { plan: { from: Plan, one_of: [free, pro, team], default: free } }",
    file: "Plan,X\npro,1\n,2\nPro,3\n",
    rows: ["(free)", "(pro)"],
    outcomes: "created created failed",
    errors: ["3 one_of plan Pro: The plan field must be one of free, pro, team."],
  },
  {
    says: "a pattern has a message of its own",
    tables: "create table t (code text)",
    definition:
      'columns: { code: { from: Code, pattern: "^[A-Z]{3}-\\\\d{4}$", message: "must look like ABC-1234" } }',
    file: "Code\nABC-1234\nABC-12345\n",
    rows: ["(ABC-1234)"],
    outcomes: "created failed",
    errors: ["2 pattern code ABC-12345: The code field must look like ABC-1234."],
  },
  {
    says: "concat joins columns, without the blanks of one that is empty",
    tables: "create table t (display text)",
    definition: 'columns: { display: { from: [First, Last], concat: " " } }',
    file: "First,Last\nAnn,Lee\n,Lee\n",
    rows: ['("Ann Lee")', "(Lee)"],
    query: "select t::text from t order by length(display) desc",
    outcomes: "created created",
  },
  {
    says: "a map gives other values, its default for those that it doesn't have",
    tables: "create table t (status_id int, kind text)",
    definition: `columns:
  status_id: { from: Status, map: { active: 1, inactive: 0 }, default: -1 }
  kind: { from: Kind, map: { a: first } }`,
    file: "Status,Kind\nactive,a\ninactive,a\nother,a\n,a\nactive,b\n",
    rows: ["(-1,first)", "(-1,first)", "(0,first)", "(1,first)"],
    outcomes: "created created created created failed",
    errors: ["5 one_of kind b: The kind field must be one of a."],
  },
  {
    says: "`when` fills a column only where the condition holds",
    tables: "create table t (id int, refund_reason text)",
    definition: `columns:
  id: Id
  refund_reason: { from: Reason, required: true, when: { column: Type, equals: refund } }`,
    file: "Id,Type,Reason\n1,refund,late\n2,sale,none\n3,refund,\n",
    rows: ["(1,late)", "(2,)"],
    outcomes: "created created failed",
    errors: ["3 required refund_reason: The refund_reason field is required."],
  },
  {
    says: "a constant, with the run, its user and the row's number",
    tables: "create table t (x int, imported_by text, words text)",
    definition: `columns:
  x: x
  imported_by: { value: ingest }
  words: { value: "\${run.id} \${run.user} \${row.number}" }`,
    file: "x\n1\n2\n",
    query: "select regexp_replace(t::text, '\\d+ tester', 'N tester') from t order by 1",
    rows: ['(1,ingest,"N tester 1")', '(2,ingest,"N tester 2")'],
    outcomes: "created created",
  },
  {
    says: "without `columns`, names are matched without case, spaces, _ and -",
    tables: "create table t (full_name text, e_mail text, zip text, born date)",
    definition: "",
    file: "FULL-name,E Mail,ZIP,unknown\nAnn,a@x,01,1\n",
    rows: ["(Ann,a@x,01,)"],
    outcomes: "created",
  },
  {
    says: "without `type`, the type is that of the table's column",
    tables: "create table t (n int, d date, b boolean, u uuid, x numeric(5, 2), j jsonb)",
    definition: "columns: { n: n, d: d, b: b, u: u, x: x, j: j }",
    file: `n,d,b,u,x,j
1,2024-02-29,yes,123E4567-e89b-12d3-a456-426614174000,1.25,"{""a"": 1}"
1.5,29 Feb,maybe,1234,x,{
`,
    rows: ['(1,2024-02-29,t,123e4567-e89b-12d3-a456-426614174000,1.25,"{""a"": 1}")'],
    outcomes: "created failed",
    errors: [
      "2 type n 1.5: The n field must be a whole number.",
      "2 type d 29 Feb: The d field must be a date (yyyy-MM-dd).",
      "2 type b maybe: The b field must be yes or no (true, t, yes, y, on, 1 or false, f, no, n, off, 0).",
      "2 type u 1234: The u field must be a UUID.",
      "2 type x x: The x field must be a number.",
      "2 type j {: The j field must be valid JSON.",
    ],
  },
  {
    says: "NOT NULL without a default is required, varchar(n) limits the length",
    tables: "create table t (a text not null, b text not null default 'x', c varchar(3))",
    definition: "columns: { a: a, b: b, c: c }",
    file: "a,b,c\n1,,abc\n,2,d\n3,4,abcd\n",
    rows: ["(1,x,abc)"],
    outcomes: "created failed failed",
    errors: [
      "2 required a: The a field is required.",
      "3 max_length c abcd: The c field must not be longer than 3 characters.",
    ],
  },
]);
