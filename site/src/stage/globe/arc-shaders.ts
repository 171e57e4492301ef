// What the graphics card does with arcs and rings: vertex and fragment shaders (GLSL ES 3.00 by three.js), over the same entries and routes.
import { FAINT } from '../../model/arc-slices.ts'
import { ARC_FLOOR } from '../../model/great-circle.ts'
import { COLOUR_COUNT } from '../../ui/palette.ts'
import { GLOBE_RADIUS } from '../initial-camera.ts'

/** Routes per row of the route texture; a route takes three texels: start + angle, tangent + height, style. */
export const ROUTES_A_ROW = 512
export const TEXELS = 3

/** Slots of the shaders' colours: one per application, then that of alerts. */
export const ALERT_SLOT = COLOUR_COUNT
export const SLOTS = COLOUR_COUNT + 1

const COMMON = /* glsl */ `
  attribute vec4 iEntry;       // route; seconds: start, end; packed style
  uniform highp sampler2D routes;
  uniform float now;
  uniform float trail;         // seconds an arc glows on
  uniform float calm;          // 1 with few arcs, falling with their number: a crowd must not turn into one white ball
  uniform float isFocused;     // 1 while something is in focus: everything else is fainter
  uniform float pointed;       // route under the pointer, or -1
  uniform float whole;         // 1: one picture of the whole period, nothing moves; 0: a moment
  uniform vec3 colours[${SLOTS}];
  varying vec3 vColour;
  varying float vFade;
  vec4 start;   // unit vector of the source, angle to the target (radians)
  vec4 tangent; // unit vector at the source towards the target, height in radii
  vec4 style;    // colour slot, cycle offset, is an alert, is in focus
  const vec4 nowhere = vec4(2.0, 2.0, 2.0, 1.0);
  bool takeEntry() {
    float lingers = mod(iEntry.w, 2.0);
    if (now < iEntry.y || now >= iEntry.z + lingers * trail) return false;
    int route = int(iEntry.x);
    ivec2 at = ivec2((route % ${ROUTES_A_ROW}) * ${TEXELS}, route / ${ROUTES_A_ROW});
    start = texelFetch(routes, at, 0);
    tangent = texelFetch(routes, at + ivec2(1, 0), 0);
    style = texelFetch(routes, at + ivec2(2, 0), 0);
    vColour = colours[int(style.x)];
    vFade = lingers > 0.5 ? 1.0 - 0.9 * clamp((now - iEntry.z) / max(trail, 1e-6), 0.0, 1.0) : 1.0;
    if (iEntry.w >= ${FAINT.toFixed(1)}) vFade *= 0.5;
    if (isFocused > 0.5 && style.w < 0.5) vFade *= 0.12;
    return true;
  }
  bool isPointed() {
    return abs(pointed - iEntry.x) < 0.5;
  }
  float weightNow() {
    float from = mod(floor(iEntry.w / 2.0), 128.0) / 127.0;
    float to = mod(floor(iEntry.w / 256.0), 128.0) / 127.0;
    return mix(from, to, clamp((now - iEntry.y) / max(iEntry.z - iEntry.y, 1e-6), 0.0, 1.0));
  }
  /** In a whole picture opacity grows with the bytes, too. */
  float boldness() {
    return mix(1.0, mix(0.35, 1.0, weightNow()), whole);
  }
  vec4 project(float t) {
    float x = start.w * t;
    vec3 unit = start.xyz * cos(x) + tangent.xyz * sin(x);
    return projectionMatrix * viewMatrix * vec4(unit * ${GLOBE_RADIUS.toFixed(1)} * (${ARC_FLOOR} + tangent.w * 4.0 * t * (1.0 - t)), 1.0);
  }
`

/** What a ribbon's vertices tell its fragments. */
const RIBBON_VARYINGS = /* glsl */ `
  varying float vAlong;
  varying float vSide;
  varying float vOffset;
  varying float vTrips;
  varying float vWide;
  varying float vAlert;
`

export const RIBBON_VERTEX = /* glsl */ `
  ${COMMON}
  uniform vec2 viewport; // CSS pixels
  ${RIBBON_VARYINGS}
  void main() {
    if (!takeEntry() || start.w < 1e-4) { gl_Position = nowhere; return; }
    float t = position.x;
    vec4 here = project(t);
    vec4 there = project(t < 0.5 ? t + 0.01 : t - 0.01);
    vec2 along = (there.xy / there.w - here.xy / here.w) * viewport * (t < 0.5 ? 1.0 : -1.0);
    vec2 across = length(along) > 1e-6 ? normalize(vec2(-along.y, along.x)) : vec2(0.0, 1.0);
    vFade *= max(boldness(), style.z);
    float width = mix(mix(4.5, 15.0, weightNow()), mix(4.0, 24.0, weightNow()), whole) * mix(mix(0.5, 1.0, calm), 1.0, whole) + 3.0 * style.z + (isPointed() ? 5.0 : 0.0);
    here.xy += across * position.y * width / viewport * here.w;
    vAlong = t;
    vSide = position.y;
    vOffset = style.y;
    vTrips = 1.0 + floor(start.w * 0.8);
    vWide = width;
    vAlert = max(style.z, isPointed() ? 1.0 : 0.0);
    gl_Position = here;
  }
`

export const RIBBON_FRAGMENT = /* glsl */ `
  uniform float cycle;
  uniform float glow; // 1 on dark: light partly adds up; 0 on light: ink covers
  uniform float calm;
  uniform float whole;
  varying vec3 vColour;
  varying float vFade;
  ${RIBBON_VARYINGS}
  void main() {
    float side = abs(vSide);
    float core = 1.0 - smoothstep(0.12, 0.12 + 2.2 / vWide, side);
    float halo = (1.0 - side) * (1.0 - side);
    float behind = fract(cycle + vOffset - vAlong * vTrips); // 0 at a comet's head, growing towards its tail
    float comet = mix(exp(-behind * 5.0) * smoothstep(0.0, 0.02, behind), 0.05 + 0.6 * vAlong * vAlong, whole); // still: brighter towards the receiver
    float still = max(mix(0.45, 1.0, calm), vAlert);
    float light = core * (0.38 * still + 0.9 * comet + 0.35 * vAlert) + halo * (0.10 + 0.42 * comet + 0.15 * vAlert) * max(mix(0.3, 1.0, calm), vAlert);
    vec3 colour = mix(vColour, vec3(1.0), glow * core * comet * 0.6 * calm * (1.0 - 0.7 * vAlert));
    float alpha = clamp(light * vFade * mix(1.15, 1.0, glow), 0.0, 1.0) * max(mix(0.55, 1.0, calm), vAlert);
    gl_FragColor = vec4(colour * alpha, alpha * mix(1.0, 0.7, glow));
  }
`

/** Part of its arc that a comet of lines covers. */
const COMET_TAIL = 0.28

export const COMET_VERTEX = /* glsl */ `
  ${COMMON}
  uniform float cycle;
  varying float vLight;
  void main() {
    if (!takeEntry() || start.w < 1e-4) { gl_Position = nowhere; return; }
    float head = fract(cycle + style.y) * (1.0 + ${COMET_TAIL});
    float t = clamp(head - ${COMET_TAIL} * (1.0 - position.x), 0.0, 1.0);
    bool isStrong = style.z > 0.5 || isPointed();
    vLight = (isStrong ? 0.35 + 0.65 * position.x : position.x * position.x * mix(0.5, 1.0, weightNow())) * (isStrong ? 1.0 : min(1.0, 1.4 * pow(calm, 0.75)));
    if (isStrong) t = position.x;
    gl_Position = project(t);
  }
`

export const COMET_FRAGMENT = /* glsl */ `
  uniform float glow;
  uniform float calm;
  varying vec3 vColour;
  varying float vFade;
  varying float vLight;
  void main() {
    float alpha = clamp(vLight * vFade * mix(1.3, 1.0, glow), 0.0, 1.0);
    // The more arcs, the less their light may add up: colours mix instead of turning white.
    gl_FragColor = vec4(vColour * alpha, alpha * mix(1.0, 0.5, glow * min(1.0, calm * 4.0)));
  }
`

export const RING_VERTEX = /* glsl */ `
  ${COMMON}
  varying vec2 vAt;
  varying float vOffset;
  void main() {
    if (!takeEntry()) { gl_Position = nowhere; return; }
    vec3 up = start.xyz * cos(start.w) + tangent.xyz * sin(start.w);
    vec3 east = normalize(cross(abs(up.y) > 0.99 ? vec3(1.0, 0.0, 0.0) : vec3(0.0, 1.0, 0.0), up));
    vec3 north = cross(up, east);
    float size = mix(5.0, 11.0, weightNow()) * mix(0.6, 1.0, calm) * (1.0 + 0.5 * style.z);
    vAt = position.xy;
    vOffset = style.y;
    gl_Position = projectionMatrix * viewMatrix * vec4(up * ${(GLOBE_RADIUS * 1.004).toFixed(1)} + (east * position.x + north * position.y) * size, 1.0);
  }
`

export const RING_FRAGMENT = /* glsl */ `
  uniform float cycle;
  uniform float glow;
  varying vec3 vColour;
  varying float vFade;
  varying vec2 vAt;
  varying float vOffset;
  float ripple(float radius, float at) {
    return (1.0 - smoothstep(0.0, 0.13, abs(radius - at * 0.87))) * (1.0 - at);
  }
  void main() {
    float radius = length(vAt);
    float at = fract(cycle + vOffset);
    float light = ripple(radius, at) + ripple(radius, fract(at + 0.5)) + 0.9 * (1.0 - smoothstep(0.06, 0.14, radius));
    float alpha = clamp(light * vFade, 0.0, 1.0);
    gl_FragColor = vec4(vColour * alpha, alpha * mix(1.0, 0.6, glow));
  }
`
