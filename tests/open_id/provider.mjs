// A certified OpenID Connect provider on this machine, for the tests: it takes any name, and says how it was told to.
import Provider from "oidc-provider";

const [port, redirect, client_id, client_secret] = process.argv.slice(2);
const issuer = `http://127.0.0.1:${port}`;
const provider = new Provider(issuer, {
  clients: [{ client_id, client_secret, redirect_uris: [redirect] }],
  claims: { openid: ["sub"], email: ["email", "email_verified"], profile: ["name", "preferred_username"] },
  conformIdTokenClaims: false,
  findAccount: (_, id) => ({
    accountId: id,
    claims: () => ({ sub: id, name: id, preferred_username: id, email: `${id}@example.org`, email_verified: !id.startsWith("unverified") }),
  }),
  pkce: { required: () => true },
  cookies: { keys: ["only-for-tests"] },
});
provider.listen(Number(port), "127.0.0.1", () => console.log("ready"));
