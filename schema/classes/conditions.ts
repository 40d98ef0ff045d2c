/**
 * When a class lists a property that it does not always list: what the engine's `_validate_property` does, by the class
 * that decides. Asked of Godot 4.6, each setting alone and in pairs (golden/classes/godot-4.6-states.json); a test with the
 * engine compares random combinations.
 *
 * A condition is alternatives with `|` between them, each of terms with `&`: `name` (not zero), `!name`, `name=1,2` (one of
 * these), `name!=1` (none of these), and `@fact` of the node's surroundings ({@link ListingFact}). A property without a
 * condition that a fresh node does not list is never listed.
 */

/** What a node is asked besides its properties: is it inside a Container, and does the project use physical light units. */
export type ListingFact = '@container' | '@physicalLight';

/** Conditions by class and property; several names with a space between them share one. */
export const CONDITIONS: { readonly [className: string]: { readonly [names: string]: string } } = {
  Node: { 'process_thread_group_order process_thread_messages': 'process_thread_group!=0' },
  Node3D: { rotation_order: 'rotation_edit_mode=0' },
  Control: {
    'anchor_left anchor_top anchor_right anchor_bottom offset_left offset_top offset_right offset_bottom':
      '!@container',
    'grow_horizontal grow_vertical rotation scale pivot_offset pivot_offset_ratio': '!@container',
  },
  Window: { position: 'initial_position=0', current_screen: 'initial_position=3' },
  AnimationPlayer: {
    'playback_auto_capture_duration playback_auto_capture_transition_type playback_auto_capture_ease_type':
      'playback_auto_capture',
  },
  Bone2D: { 'length bone_angle': '!auto_calculate_length_and_angle' },
  BoneAttachment3D: { external_skeleton: 'use_external_skeleton' },
  CPUParticles2D: {
    seed: 'use_fixed_seed',
    emission_sphere_radius: 'emission_shape=1,2',
    emission_rect_extents: 'emission_shape=3',
    'emission_points emission_colors': 'emission_shape=4,5',
    emission_normals: 'emission_shape=5',
    'emission_ring_inner_radius emission_ring_radius': 'emission_shape=6',
    'scale_curve_x scale_curve_y': 'split_scale',
  },
  CPUParticles3D: {
    seed: 'use_fixed_seed',
    emission_sphere_radius: 'emission_shape=1,2',
    emission_box_extents: 'emission_shape=3',
    emission_points: 'emission_shape=4,5',
    emission_normals: 'emission_shape=5',
    'emission_ring_axis emission_ring_height emission_ring_radius': 'emission_shape=6',
    'emission_ring_inner_radius emission_ring_cone_angle': 'emission_shape=6',
    'orbit_velocity_min orbit_velocity_max orbit_velocity_curve': 'particle_flag_disable_z',
    'scale_curve_x scale_curve_y scale_curve_z': 'split_scale',
  },
  CSGPolygon3D: {
    depth: 'mode=0',
    'spin_degrees spin_sides': 'mode=1',
    'path_node path_interval_type path_interval path_simplify_angle path_rotation': 'mode=2',
    'path_rotation_accurate path_local path_continuous_u path_u_distance path_joined': 'mode=2',
  },
  FogVolume: { size: 'shape!=4' },
  GPUParticles2D: { seed: 'use_fixed_seed' },
  GPUParticles3D: {
    seed: 'use_fixed_seed',
    draw_pass_2: 'draw_passes=2,3,4',
    draw_pass_3: 'draw_passes=3,4',
    draw_pass_4: 'draw_passes=4',
  },
  DirectionalLight3D: { 'light_intensity_lux light_temperature': '@physicalLight' },
  OmniLight3D: { 'light_intensity_lumens light_temperature': '@physicalLight' },
  SpotLight3D: { 'light_intensity_lumens light_temperature': '@physicalLight' },
  LookAtModifier3D: {
    'origin_bone_name origin_bone': 'origin_from=1',
    origin_external_node: 'origin_from=2',
    symmetry_limitation: 'use_angle_limitation',
    'primary_limit_angle primary_damp_threshold': 'use_angle_limitation&symmetry_limitation',
    'primary_positive_limit_angle primary_positive_damp_threshold':
      'use_angle_limitation&!symmetry_limitation',
    'primary_negative_limit_angle primary_negative_damp_threshold':
      'use_angle_limitation&!symmetry_limitation',
    'secondary_limit_angle secondary_damp_threshold':
      'use_angle_limitation&symmetry_limitation&use_secondary_rotation',
    'secondary_positive_limit_angle secondary_positive_damp_threshold':
      'use_angle_limitation&!symmetry_limitation&use_secondary_rotation',
    'secondary_negative_limit_angle secondary_negative_damp_threshold':
      'use_angle_limitation&!symmetry_limitation&use_secondary_rotation',
  },
  NavigationAgent3D: { keep_y_velocity: '!use_3d_avoidance' },
  ProgressBar: { editor_preview_indeterminate: 'indeterminate' },
  SpringBoneCollision3D: { 'position_offset rotation_offset': 'bone!=-1' },
  RetargetModifier3D: { enable: '!use_global_pose' },
};
